import type { Op } from "./on-backend.js";

/** One op on one set of input shapes. */
export interface OpCase {
  readonly name: string;
  readonly op: Op;
  /** float32 inputs */
  readonly shapes: readonly (readonly number[])[];
  /** range of the inputs, default -2 .. 2 */
  readonly range?: [number, number];
  /** false where the op has no gradient, or one that jumps */
  readonly gradient?: boolean;
}
