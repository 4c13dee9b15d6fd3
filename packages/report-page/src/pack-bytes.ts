import type { PackedBytes } from "./explanation-data.js";

/**
 * Numbers as text of a byte each; what is beyond the limit is drawn to it.
 * @throws RangeError for a limit that is not positive, or a number that is none
 */
export function packBytes(values: Float32Array, limit: number): PackedBytes {
  if (!(limit > 0 && limit < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`packBytes: expected a positive number for limit, got ${limit}`);
  }
  const bytes = Buffer.alloc(values.length);
  values.forEach((value, i) => {
    if (Number.isNaN(value)) throw new RangeError(`packBytes: expected numbers for values, got NaN at ${i}`);
    bytes.writeInt8(Math.round(127 * Math.min(1, Math.max(-1, value / limit))), i);
  });
  return { limit, bytes: bytes.toString("base64") };
}
