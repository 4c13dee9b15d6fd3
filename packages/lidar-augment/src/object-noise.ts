import { overlapsAny } from "./boxes-overlap.js";
import { BOX_SIZE, checkScan, type LabelledScan, POINT_SIZE } from "./labelled-scan.js";
import { normal } from "./normal.js";
import { boxOfEachPoint } from "./points-in-boxes.js";
import { wrapAngle } from "./wrap-angle.js";

/** Settings of {@link moveObjects}. */
export interface ObjectNoiseOptions {
  /** standard deviation of the move along x, y, z in metres; default 1, 1, 0.5 */
  readonly translation?: readonly [number, number, number];
  /** turn about the object's own centre, uniform in ±rotation radians; default π/4 */
  readonly rotation?: number;
  /** places tried for an object before it stays where it is; default 100 */
  readonly tries?: number;
  /** uniform in 0..1 */
  readonly rng: () => number;
}

/**
 * Moves and turns each object by itself, its points with it, to a place where its box overlaps no other from above (Yan, Mao,
 * Li 2018, section 3.3.2). One that finds none stays. A point inside two boxes moves with the first.
 * @throws RangeError if the arrays do not fit each other
 */
export function moveObjects(
  scan: LabelledScan,
  { translation = [1, 1, 0.5], rotation = Math.PI / 4, tries = 100, rng }: ObjectNoiseOptions,
): LabelledScan {
  checkScan("moveObjects", scan);
  const boxes = scan.boxes.slice();
  const turns = new Float64Array(scan.labels.length);
  for (let row = 0; row < turns.length; row++) {
    for (let attempt = 0; attempt < tries; attempt++) {
      const moved = boxes.slice(row * BOX_SIZE, (row + 1) * BOX_SIZE);
      for (let axis = 0; axis < 3; axis++) moved[axis] += translation[axis] * normal(rng);
      const turn = rotation * (2 * rng() - 1);
      moved[6] = wrapAngle(moved[6] + turn);
      if (overlapsAny(moved, boxes, row)) continue;
      boxes.set(moved, row * BOX_SIZE);
      turns[row] = turn;
      break;
    }
  }
  return { points: movePoints(scan, boxes, turns), boxes, labels: scan.labels };
}

/** The points with those inside a box moved and turned as it was. */
function movePoints({ points, boxes: before }: LabelledScan, after: Float64Array, turns: Float64Array): Float32Array {
  const owners = boxOfEachPoint(points, before);
  const moved = points.slice();
  owners.forEach((row, i) => {
    if (row < 0) return;
    const from = row * BOX_SIZE;
    const p = i * POINT_SIZE;
    const offsetX = points[p] - before[from];
    const offsetY = points[p + 1] - before[from + 1];
    const cos = Math.cos(turns[row]);
    const sin = Math.sin(turns[row]);
    moved[p] = after[from] + offsetX * cos - offsetY * sin;
    moved[p + 1] = after[from + 1] + offsetX * sin + offsetY * cos;
    moved[p + 2] = points[p + 2] + after[from + 2] - before[from + 2];
  });
  return moved;
}
