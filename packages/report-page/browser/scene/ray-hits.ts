/** A ray in the LiDAR frame. */
export interface Ray {
  /** [3] metres */
  readonly origin: readonly number[];
  /** [3] of length 1 */
  readonly direction: readonly number[];
}

/**
 * Boxes that a ray meets, nearest first; after them those that it passes closely.
 * @param boxes     [n] of [7] each
 * @param tolerance how much larger the boxes are taken then, as a share of their distance: far ones are hard to point at
 * @returns their places in the list
 */
export function rayHits({ origin, direction }: Ray, boxes: readonly (readonly number[])[], tolerance = 0): number[] {
  const met = (margin: number, except: readonly number[] = []) =>
    boxes
      .map((box, index) => ({ index, distance: distanceTo(box, origin, direction, margin) }))
      .filter(({ index, distance }) => distance < Number.POSITIVE_INFINITY && !except.includes(index))
      .sort((a, b) => a.distance - b.distance)
      .map(({ index }) => index);
  const hit = met(0);
  return tolerance === 0 ? hit : [...hit, ...met(tolerance, hit)];
}

/** Along the ray to where it enters the box, 0 from inside; infinite if it misses. Slabs in the frame of the box. */
function distanceTo(
  [x, y, z, length, width, height, yaw]: readonly number[],
  origin: readonly number[],
  direction: readonly number[],
  tolerance: number,
): number {
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  const turned = ([a, b, c]: readonly number[]) => [cos * a + sin * b, cos * b - sin * a, c];
  const from = turned([origin[0] - x, origin[1] - y, origin[2] - z]);
  const along = turned(direction);
  const margin = tolerance * Math.hypot(...from);
  let [enter, leave] = [0, Number.POSITIVE_INFINITY];
  for (const [axis, size] of [length, width, height].entries()) {
    const half = size / 2 + margin;
    const [a, b] = [(-half - from[axis]) / along[axis], (half - from[axis]) / along[axis]];
    if (along[axis] === 0) {
      if (Math.abs(from[axis]) > half) return Number.POSITIVE_INFINITY;
      continue;
    }
    enter = Math.max(enter, Math.min(a, b));
    leave = Math.min(leave, Math.max(a, b));
  }
  return enter <= leave ? enter : Number.POSITIVE_INFINITY;
}
