import type { GapPairs } from "../rulebook-operations.js";

/** Keys below this leave room in an int32 for a gap. */
const INT32_KEYS = 2 ** 30;

/** Plain twin of `gapPairs`. A row without a partner is written too, and overwritten by the next. */
export function gapPairs(keys: Float64Array, gaps: Float64Array, pairs: GapPairs): void {
  const rows = keys.length;
  const { starts } = pairs;
  starts[0] = 0;
  const isSmall = rows === 0 || keys[rows - 1] < INT32_KEYS;
  const smallKeys = isSmall ? new Int32Array(keys) : new Int32Array(0);
  const bounds = new Int32Array(rows);
  for (let g = 0; g < gaps.length; g++) {
    const gap = gaps[g];
    if (!isSmall || gap >= INT32_KEYS) {
      starts[g + 1] = pairLargeKeys(keys, gap, { ...pairs, next: starts[g] });
      continue;
    }
    // The bounds that the gap before left behind hold for one that is less by 1, as neighbouring cells' are.
    if (g === 0 || gap !== gaps[g - 1] - 1) boundKeys(smallKeys, gap, bounds);
    starts[g + 1] = pairSmallKeys(smallKeys, gap, { ...pairs, bounds, next: starts[g] });
  }
}

/**
 * bounds[i] = the first row whose key is at least keys[i] − gap. One step per row and side, without a branch that depends
 * on the keys: which of two keys is less is a coin toss to a processor, and a wrong guess costs more than the step.
 */
function boundKeys(keys: Int32Array, gap: number, bounds: Int32Array): void {
  const rows = keys.length;
  const less = gap | 0;
  let i = 0;
  let j = 0;
  while (i < rows) {
    const isLess = (((keys[j] + less) | 0) - keys[i]) >>> 31; // the sign bit
    bounds[i] = j;
    j += isLess;
    i += 1 - isLess;
  }
}

interface Found {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  /** how many there are already */
  readonly next: number;
}

/** Rows that lie a gap apart; the bounds become those of a gap that is less by 1. Returns how many pairs there are now. */
function pairSmallKeys(
  keys: Int32Array,
  gap: number,
  { bounds, lower, upper, next: first }: Found & { readonly bounds: Int32Array },
): number {
  const less = (gap - 1) | 0;
  let next = first | 0;
  for (let i = 0; i < keys.length; i += 1) {
    const j = bounds[i];
    const isEqual = (((keys[j] + less) | 0) - keys[i]) >>> 31; // the difference is not negative
    lower[next] = j;
    upper[next] = i;
    next += isEqual;
    bounds[i] = j + isEqual;
  }
  return next;
}

/** The same for keys and gaps of any size. */
function pairLargeKeys(keys: Float64Array, gap: number, { lower, upper, next: first }: Found): number {
  let next = first;
  let j = 0;
  for (let i = 0; i < keys.length; i += 1) {
    const wanted = keys[i] - gap;
    while (keys[j] < wanted) j += 1;
    if (keys[j] !== wanted) continue;
    lower[next] = j;
    upper[next] = i;
    next += 1;
  }
  return next;
}
