import type { PackedPoints } from "./viewer-frame.js";

/** Usual size of a step, metres: half of what a sensor's range noise is. */
const CENTIMETRE = 0.01;
/** Steps on either side of the sensor that 16 bits hold. */
const STEPS = 32767;
/** Farthest coordinate in metres: beyond it, steps would be coarser than the objects. */
const REACH = 3000;

/**
 * Points as text of seven bytes each: positions to the centimetre (coarser if the scan reaches beyond 327.67 m) and
 * intensity in 256 steps.
 * @param points [n, 4] x, y, z in metres, intensity 0..1 (clamped)
 * @throws RangeError if the length is no multiple of 4, or a coordinate is not finite or beyond 3000 m
 */
export function packPoints(points: Float32Array): PackedPoints {
  if (points.length % 4 !== 0) {
    throw new RangeError(`packPoints: expected [n, 4] numbers for points, got ${points.length}`);
  }
  const count = points.length / 4;
  const step = Math.max(CENTIMETRE, farthest(points) / STEPS);
  const positions = Buffer.alloc(6 * count);
  const intensities = Buffer.alloc(count);
  for (let i = 0; i < count; i += 1) {
    for (let axis = 0; axis < 3; axis += 1) {
      positions.writeInt16LE(Math.round(points[4 * i + axis] / step), 6 * i + 2 * axis);
    }
    intensities[i] = Math.round(255 * Math.min(1, Math.max(0, points[4 * i + 3])));
  }
  return { count, step, positions: positions.toString("base64"), intensities: intensities.toString("base64") };
}

/** Largest coordinate without its sign. */
function farthest(points: Float32Array): number {
  let most = 0;
  for (let i = 0; i < points.length; i += 1) {
    if (i % 4 === 3) continue;
    const metres = Math.abs(points[i]);
    if (!(metres <= REACH)) {
      const point = Math.floor(i / 4);
      throw new RangeError(`packPoints: expected coordinates within ±${REACH} m, got ${points[i]} at point ${point}`);
    }
    if (metres > most) most = metres;
  }
  return most;
}
