import { checkPoints, POINT_SIZE, takePoints } from "../labelled-scan.js";
import { normal } from "../normal.js";
import { wrapAngle } from "../wrap-angle.js";

/**
 * Every point moved by a normal number on each axis; intensities stay.
 * @param points [n, 4] x, y, z in metres, intensity
 * @param options deviation: standard deviation, metres, at least 0; rng: uniform in 0..1
 * @throws RangeError for a deviation below 0
 */
export function jitterPoints(
  points: Float32Array,
  { deviation, rng }: { readonly deviation: number; readonly rng: () => number },
): Float32Array {
  checkPoints("jitterPoints", points);
  if (!(deviation >= 0)) {
    throw new RangeError(`jitterPoints: expected a number of at least 0 for deviation, got ${deviation}`);
  }
  const moved = points.slice();
  for (let i = 0; i < moved.length; i += POINT_SIZE) {
    for (let axis = 0; axis < 3; axis++) moved[i + axis] += deviation * normal(rng);
  }
  return moved;
}

/**
 * The scan without some of its beams. A scan does not say which beam a point is of: bands of elevation stand for them, as many as
 * `bands`, all of one width, from the lowest point seen from the sensor to the highest. Of a sensor whose beams are not evenly spaced
 * a band holds parts of two or three. A point that is NaN is of no band, and stays.
 * @param points [n, 4] x, y, z, intensity; the sensor stands at the origin
 * @param options share: of the bands that are missing, 0..1, rounded to whole bands; bands: default 64; rng: uniform in 0..1
 * @throws RangeError for a share that is none, or no band
 */
export function dropBeams(
  points: Float32Array,
  { share, bands = 64, rng }: { readonly share: number; readonly bands?: number; readonly rng: () => number },
): Float32Array {
  checkPoints("dropBeams", points);
  if (!(share >= 0 && share <= 1)) throw new RangeError(`dropBeams: expected 0..1 for share, got ${share}`);
  if (!(Number.isInteger(bands) && bands >= 1)) {
    throw new RangeError(`dropBeams: expected a whole number of at least 1 for bands, got ${bands}`);
  }
  const elevations = Float64Array.from({ length: points.length / POINT_SIZE }, (_, i) => {
    const [x, y, z] = points.subarray(POINT_SIZE * i, POINT_SIZE * i + 3);
    return Math.atan2(z, Math.hypot(x, y));
  });
  const seen = elevations.filter((elevation) => !Number.isNaN(elevation));
  const lowest = seen.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const highest = seen.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const width = (highest - lowest) / bands || 1;
  const missing = drawBands(bands, Math.round(share * bands), rng);
  return takePoints(points, (i) => !missing[Math.min(bands - 1, Math.floor((elevations[i] - lowest) / width))]);
}

/** `count` of `bands` drawn without putting back. */
function drawBands(bands: number, count: number, rng: () => number): readonly boolean[] {
  const order = Array.from({ length: bands }, (_, band) => band);
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(rng() * (bands - i));
    [order[i], order[other]] = [order[other], order[i]];
  }
  const drawn = new Set(order.slice(0, count));
  return Array.from({ length: bands }, (_, band) => drawn.has(band));
}

/**
 * The scan without a sector: something stands before the sensor. Its middle is the direction of a point drawn at random, so that it
 * is missing where there was something to see. A point that is NaN has no direction, and stays.
 * @param points [n, 4] x, y, z, intensity; the sensor stands at the origin
 * @param options angle: of the sector, radians, 0..2π; rng: uniform in 0..1
 * @throws RangeError for an angle out of range
 */
export function cutSector(
  points: Float32Array,
  { angle, rng }: { readonly angle: number; readonly rng: () => number },
): Float32Array {
  checkPoints("cutSector", points);
  if (!(angle >= 0 && angle <= 2 * Math.PI)) {
    throw new RangeError(`cutSector: expected 0..2π for angle, got ${angle}`);
  }
  const azimuths = Float64Array.from({ length: points.length / POINT_SIZE }, (_, i) =>
    Math.atan2(points[POINT_SIZE * i + 1], points[POINT_SIZE * i]),
  );
  const seen = azimuths.filter((azimuth) => !Number.isNaN(azimuth));
  if (seen.length === 0) return points.slice();
  const middle = seen[Math.floor(rng() * seen.length)];
  return takePoints(points, (i) => !(Math.abs(wrapAngle(azimuths[i] - middle)) < angle / 2));
}

/**
 * The scan in the frame of a sensor that stands higher: everything is lower by so much. The rays stay those of the sensor where it stood;
 * one that really stood higher would see other parts of the same surfaces.
 * @param points [n, 4] x, y, z in metres, intensity
 * @param by     metres, any sign
 */
export function raiseSensor(points: Float32Array, by: number): Float32Array {
  checkPoints("raiseSensor", points);
  if (!Number.isFinite(by)) throw new RangeError(`raiseSensor: expected metres, got ${by}`);
  const lowered = points.slice();
  for (let i = 2; i < lowered.length; i += POINT_SIZE) lowered[i] -= by;
  return lowered;
}
