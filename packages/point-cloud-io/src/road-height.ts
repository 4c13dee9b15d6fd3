import type { PointCloud } from "./read-point-cloud.js";

/** Metres from the sensor: nearer is often the car that carries it, farther the road rises or falls. */
const [NEAREST, FARTHEST] = [3, 15];
/** Below so much of the points lies nothing but the road, and what is reflected from below it. */
const SHARE = 0.1;
/** With fewer points it is not known. */
const FEWEST = 100;

/**
 * Where the road under the sensor of a car lies, as far as a scan tells without its labels.
 * @returns z, metres: what a tenth of the points 3 to 15 m away lie below; undefined where there are hardly any
 * @throws RangeError if the first three columns are not x, y, z
 */
export function roadHeight({ points, columns }: Pick<PointCloud, "points" | "columns">): number | undefined {
  if (columns.slice(0, 3).join() !== "x,y,z") {
    throw new RangeError(`roadHeight: expected x, y, z as the first columns, got ${columns.slice(0, 3).join(", ")}`);
  }
  const heights: number[] = [];
  for (let i = 0; i < points.length; i += columns.length) {
    const distance = Math.hypot(points[i], points[i + 1]);
    if (distance > NEAREST && distance < FARTHEST) heights.push(points[i + 2]);
  }
  if (heights.length < FEWEST) return undefined;
  return Float32Array.from(heights).sort()[Math.floor(SHARE * heights.length)];
}
