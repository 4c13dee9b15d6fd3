import { checkPoints, POINT_SIZE } from "./labelled-scan.js";

/**
 * The points in random order (Fisher and Yates). Voxels keep their first points, so the order matters.
 * @param points [n, 4]
 * @param rng uniform in 0..1
 * @throws RangeError unless the array holds whole points
 */
export function shufflePoints(points: Float32Array, rng: () => number): Float32Array {
  checkPoints("shufflePoints", points);
  const shuffled = points.slice();
  for (let last = points.length / POINT_SIZE - 1; last > 0; last--) {
    const other = Math.floor(rng() * (last + 1));
    for (let i = 0; i < POINT_SIZE; i++) {
      const held = shuffled[last * POINT_SIZE + i];
      shuffled[last * POINT_SIZE + i] = shuffled[other * POINT_SIZE + i];
      shuffled[other * POINT_SIZE + i] = held;
    }
  }
  return shuffled;
}
