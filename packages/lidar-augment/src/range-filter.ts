import { BOX_SIZE, checkScan, type LabelledScan, POINT_SIZE, takeBoxes, takePoints } from "./labelled-scan.js";

/** x0, y0, z0, x1, y1, z1 in metres; lower bounds inside, upper outside. */
export type PointRange = readonly [x0: number, y0: number, z0: number, x1: number, y1: number, z1: number];

/**
 * What lies in a range: points by x, y and z, boxes by x and y of their centre, as MMDetection3D's `ObjectRangeFilter` does.
 * Points and boxes that are not finite go.
 * @throws RangeError if the arrays do not fit each other
 */
export function filterRange(scan: LabelledScan, [x0, y0, z0, x1, y1, z1]: PointRange): LabelledScan {
  checkScan("filterRange", scan);
  const { points, boxes } = scan;
  const onGround = (x: number, y: number) => x >= x0 && x < x1 && y >= y0 && y < y1;
  const rows = Array.from(scan.labels.keys()).filter((row) => {
    const b = row * BOX_SIZE;
    return onGround(boxes[b], boxes[b + 1]) && areFinite(boxes, b, BOX_SIZE);
  });
  const kept = takePoints(points, (i) => {
    const p = i * POINT_SIZE;
    const inside = onGround(points[p], points[p + 1]) && points[p + 2] >= z0 && points[p + 2] < z1;
    return inside && areFinite(points, p, POINT_SIZE);
  });
  return { points: kept, ...takeBoxes(scan, rows) };
}

function areFinite(numbers: Float32Array | Float64Array, from: number, size: number): boolean {
  for (let i = from; i < from + size; i++) if (!Number.isFinite(numbers[i])) return false;
  return true;
}
