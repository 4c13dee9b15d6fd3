/** Numbers of a point: x, y, z, intensity. */
export const POINT_SIZE = 4;
/** Numbers of a box: x, y, z of the centre, dx, dy, dz, yaw. */
export const BOX_SIZE = 7;

/** A scan and its objects. No function here changes the arrays of its argument. */
export interface LabelledScan {
  /** [n, 4] x, y, z, intensity; LiDAR frame, metres */
  readonly points: Float32Array;
  /** [m, 7] x, y, z of the geometric centre, dx along the heading, dy, dz, yaw about z; LiDAR frame, metres, radians */
  readonly boxes: Float64Array;
  /** [m] class of each box */
  readonly labels: Int32Array;
}

/** @throws RangeError unless the arrays hold whole points and boxes, with one label for each box */
export function checkScan(caller: string, { points, boxes, labels }: LabelledScan): void {
  checkPoints(caller, points);
  if (boxes.length !== labels.length * BOX_SIZE) {
    throw new RangeError(
      `${caller}: expected [${labels.length}, ${BOX_SIZE}] for boxes, one for each label, got ${boxes.length} numbers`,
    );
  }
}

/** @throws RangeError unless the array holds whole points */
export function checkPoints(caller: string, points: Float32Array): void {
  if (points.length % POINT_SIZE === 0) return;
  throw new RangeError(`${caller}: expected [n, ${POINT_SIZE}] for points, got ${points.length} numbers`);
}

/** The boxes and labels of some rows, in their order. */
export function takeBoxes(
  { boxes, labels }: Pick<LabelledScan, "boxes" | "labels">,
  rows: readonly number[],
): Pick<LabelledScan, "boxes" | "labels"> {
  const taken = new Float64Array(rows.length * BOX_SIZE);
  rows.forEach((row, i) => {
    taken.set(boxes.subarray(row * BOX_SIZE, (row + 1) * BOX_SIZE), i * BOX_SIZE);
  });
  return { boxes: taken, labels: Int32Array.from(rows, (row) => labels[row]) };
}

/** The points for which `keep` holds, in order. */
export function takePoints(points: Float32Array, keep: (index: number) => boolean): Float32Array {
  const kept = new Float32Array(points.length);
  let at = 0;
  for (let i = 0; i * POINT_SIZE < points.length; i++) {
    if (!keep(i)) continue;
    kept.set(points.subarray(i * POINT_SIZE, (i + 1) * POINT_SIZE), at);
    at += POINT_SIZE;
  }
  return kept.slice(0, at);
}
