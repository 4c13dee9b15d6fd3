import { overlapsAny } from "./boxes-overlap.js";
import { BOX_SIZE, checkScan, type LabelledScan, POINT_SIZE } from "./labelled-scan.js";
import { boxOfEachPoint } from "./points-in-boxes.js";

/** Settings of {@link scaleObjects}. */
export interface ObjectScalingOptions {
  /** smallest and largest factor of length, width and height, each drawn by itself, uniform */
  readonly scaling: readonly [number, number];
  /** uniform in 0..1 */
  readonly rng: () => number;
}

/**
 * Stretches each object by itself, its points with it, along its own axes; it stays on its ground (Yang et al. 2021, "ST3D",
 * section 3.2: what is learnt from objects of other sizes than those that are met). One whose box would then overlap another from
 * above stays as it is. A point inside two boxes goes with the first.
 * @throws RangeError if the arrays do not fit each other, or the factors are not 0 < smallest ≤ largest
 */
export function scaleObjects(scan: LabelledScan, { scaling: [least, most], rng }: ObjectScalingOptions): LabelledScan {
  checkScan("scaleObjects", scan);
  if (!(least > 0 && least <= most && Number.isFinite(most))) {
    throw new RangeError(`scaleObjects: expected 0 < smallest <= largest for scaling, got [${least}, ${most}]`);
  }
  const boxes = scan.boxes.slice();
  const factors = new Float64Array(3 * scan.labels.length).fill(1);
  for (let row = 0; row < scan.labels.length; row++) {
    const drawn = [0, 1, 2].map(() => least + (most - least) * rng());
    const scaled = boxes.slice(row * BOX_SIZE, (row + 1) * BOX_SIZE);
    scaled[2] += ((drawn[2] - 1) * scaled[5]) / 2;
    for (let axis = 0; axis < 3; axis++) scaled[3 + axis] *= drawn[axis];
    if (overlapsAny(scaled, boxes, row)) continue;
    boxes.set(scaled, row * BOX_SIZE);
    factors.set(drawn, 3 * row);
  }
  return { points: scalePoints(scan, boxes, factors), boxes, labels: scan.labels };
}

/** The points with those inside a box stretched as it was, about its centre. */
function scalePoints(
  { points, boxes: before }: LabelledScan,
  after: Float64Array,
  factors: Float64Array,
): Float32Array {
  const owners = boxOfEachPoint(points, before);
  const scaled = points.slice();
  owners.forEach((row, i) => {
    if (row < 0) return;
    const [x, y, z, , , , yaw] = before.subarray(row * BOX_SIZE, (row + 1) * BOX_SIZE);
    const [factorAlong, factorAcross, factorUp] = factors.subarray(3 * row, 3 * row + 3);
    const p = i * POINT_SIZE;
    const cos = Math.cos(yaw);
    const sin = Math.sin(yaw);
    const along = factorAlong * ((points[p] - x) * cos + (points[p + 1] - y) * sin);
    const across = factorAcross * ((points[p + 1] - y) * cos - (points[p] - x) * sin);
    scaled[p] = x + along * cos - across * sin;
    scaled[p + 1] = y + along * sin + across * cos;
    scaled[p + 2] = after[row * BOX_SIZE + 2] + factorUp * (points[p + 2] - z);
  });
  return scaled;
}
