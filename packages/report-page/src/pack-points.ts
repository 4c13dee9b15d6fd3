import type { PackedPoints } from "./viewer-frame.js";

/** Farthest coordinate that fits, in metres: the LiDAR sees 120 m. */
const REACH = 327.67;

/**
 * Points as text of seven bytes each: positions to the centimetre, half of what the sensor's range noise is, and
 * intensity in 256 steps.
 * @param points [n, 4] x, y, z in metres, intensity 0..1 (clamped)
 * @throws RangeError if the length is no multiple of 4, or a coordinate is not finite or beyond 327.67 m
 */
export function packPoints(points: Float32Array): PackedPoints {
  if (points.length % 4 !== 0) {
    throw new RangeError(`packPoints: expected [n, 4] numbers for points, got ${points.length}`);
  }
  const count = points.length / 4;
  const positions = Buffer.alloc(6 * count);
  const intensities = Buffer.alloc(count);
  for (let i = 0; i < count; i += 1) {
    for (let axis = 0; axis < 3; axis += 1) {
      const metres = points[4 * i + axis];
      if (!(Math.abs(metres) <= REACH)) {
        throw new RangeError(`packPoints: expected coordinates within ±${REACH} m, got ${metres} at point ${i}`);
      }
      positions.writeInt16LE(Math.round(100 * metres), 6 * i + 2 * axis);
    }
    intensities[i] = Math.round(255 * Math.min(1, Math.max(0, points[4 * i + 3])));
  }
  return { count, positions: positions.toString("base64"), intensities: intensities.toString("base64") };
}
