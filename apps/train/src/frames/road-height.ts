/** Metres from the sensor: nearer is often the car that carries it, farther the road rises or falls. */
const [NEAREST, FARTHEST] = [3, 15];
/** Below so much of the points lies nothing but the road, and what is reflected from below it. */
const SHARE = 0.1;
/** With fewer points it is not known. */
const FEWEST = 100;

/**
 * Where the road under the sensor lies, as far as a scan tells without its labels.
 * @param points [n, 4] x, y, z, intensity
 * @returns z, metres: what a tenth of the points 3 to 15 m away lie below; undefined where there are hardly any
 */
export function roadHeight(points: Float32Array): number | undefined {
  const heights: number[] = [];
  for (let i = 0; i < points.length; i += 4) {
    const distance = Math.hypot(points[i], points[i + 1]);
    if (distance > NEAREST && distance < FARTHEST) heights.push(points[i + 2]);
  }
  if (heights.length < FEWEST) return undefined;
  return Float32Array.from(heights).sort()[Math.floor(SHARE * heights.length)];
}
