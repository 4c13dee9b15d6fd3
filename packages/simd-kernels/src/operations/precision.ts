import { choice, type Size } from "./operation.js";

const precisions = ["float32", "bfloat16"] as const;

/** What the operands of a product are rounded to before they are multiplied; sums are float32. */
export type Precision = (typeof precisions)[number];

/** A setting of products. */
export interface PrecisionOption {
  /** default `float32`: operands as they are */
  readonly precision?: Precision;
}

/** {@link PrecisionOption} among the sizes of an operation. */
export const precisionSize: Size = choice("Precision", precisions);

/** The precision of a call among its sizes. */
export const precisionOf = ({ precision = "float32" }: PrecisionOption): Precision => precision;

/** The numbers of an operand as a product takes them: in a new array where they are rounded. */
export function operandOf(x: Float32Array, options: PrecisionOption): Float32Array {
  return precisionOf(options) === "float32" ? x : roundedToBfloat16(x);
}

/**
 * Each number as the nearest of bfloat16, of two as near the even one; below 2⁻¹²⁶ zero with its sign; NaN stays NaN. So do the
 * processors' instructions.
 */
export function roundedToBfloat16(x: Float32Array): Float32Array {
  const out = Float32Array.from(x);
  const bits = new Int32Array(out.buffer);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i];
    if (Number.isNaN(out[i])) bits[i] = (word | 0x40_0000) & ~0xffff;
    else if ((word & 0x7f80_0000) === 0) bits[i] = word & (1 << 31);
    else bits[i] = (word + 0x7fff + ((word >> 16) & 1)) & ~0xffff;
  }
  return out;
}
