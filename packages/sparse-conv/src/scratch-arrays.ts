/** Longer scratch is made for one use: what is kept must not be what one huge call once needed. */
const MOST_KEPT = 2 ** 22;

let kept = new Int32Array(0);

/**
 * Arrays for results whose length is not known yet, to be copied out of. What they hold is left over from another use, and
 * lasts until the next call: making them anew, all zeros, would cost as much as filling them.
 */
export function scratchArrays(count: number, length: number): Int32Array[] {
  const entries = count * length;
  if (kept.length < entries && entries <= MOST_KEPT) kept = new Int32Array(entries);
  const scratch = entries <= MOST_KEPT ? kept : new Int32Array(entries);
  return Array.from({ length: count }, (_, i) => scratch.subarray(i * length, (i + 1) * length));
}

/** The first entries of scratch, to keep. Made from an array, a new one is not filled with zeros first, as by `slice`. */
export function copyOf(scratch: Int32Array, length: number): Int32Array {
  return new Int32Array(scratch.subarray(0, length));
}
