import type { PairMap } from "simd-kernels";

/** Keys below this leave room in an int32 for a shift. */
const INT32_KEYS = 2 ** 30;

/**
 * Which keys differ by which shift: input row i meets output row o under tap t where keys[i] = keys[o] + shifts[t].
 * @param keys   [rows] whole numbers, ascending, each once
 * @param shifts [taps]
 */
export function pairShiftedKeys(keys: Float64Array, shifts: Float64Array): PairMap {
  const taps = shifts.length;
  // If o meets i under a tap, i meets o under the tap with the opposite shift: both have the same gap, found once.
  const gaps = [...new Set(Array.from(shifts, Math.abs))].filter((gap) => gap > 0);
  const found = findGaps(keys, gaps);
  const everyRow = new Int32Array(keys.length).map((_, row) => row);
  const rowsOfTaps = Array.from(shifts, (shift) => {
    if (shift === 0) return { lower: everyRow, upper: everyRow };
    const gap = gaps.indexOf(Math.abs(shift));
    const [start, end] = [found.starts[gap], found.starts[gap + 1]];
    return { lower: found.lower.subarray(start, end), upper: found.upper.subarray(start, end) };
  });

  const starts = new Int32Array(taps + 1);
  for (let tap = 0; tap < taps; tap += 1) starts[tap + 1] = starts[tap] + rowsOfTaps[tap].lower.length;
  const inputs = new Int32Array(starts[taps]);
  const outputs = new Int32Array(starts[taps]);
  rowsOfTaps.forEach(({ lower, upper }, tap) => {
    inputs.set(shifts[tap] < 0 ? lower : upper, starts[tap]);
    outputs.set(shifts[tap] < 0 ? upper : lower, starts[tap]);
  });
  return { taps, starts, inputs, outputs };
}

/** Gap after gap, the rows whose keys lie so far apart, in ascending order. */
interface Gaps {
  /** [gaps + 1] */
  readonly starts: Int32Array;
  readonly lower: Int32Array;
  readonly upper: Int32Array;
}

function findGaps(keys: Float64Array, gaps: readonly number[]): Gaps {
  const rows = keys.length;
  const starts = new Int32Array(gaps.length + 1);
  // One place more than there can be pairs: misses are written too, and overwritten.
  const lower = new Int32Array(gaps.length * rows + 1);
  const upper = new Int32Array(gaps.length * rows + 1);
  const isSmall = rows === 0 || keys[rows - 1] < INT32_KEYS;
  const smallKeys = isSmall ? new Int32Array(keys) : new Int32Array(0);
  const bounds = new Int32Array(rows);
  gaps.forEach((gap, i) => {
    const known = { lower, upper, pairs: starts[i] };
    if (!isSmall) {
      starts[i + 1] = pairLargeKeys(keys, gap, known);
      return;
    }
    // The bounds that the gap before left behind hold for one that is less by 1, as neighbouring taps' are.
    if (i === 0 || gap !== gaps[i - 1] - 1) boundKeys(smallKeys, gap, bounds);
    starts[i + 1] = pairSmallKeys(smallKeys, gap, { ...known, bounds });
  });
  return { starts, lower, upper };
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
  readonly pairs: number;
}

/** Rows that lie a gap apart; the bounds become those of a gap that is less by 1. Returns how many pairs there are now. */
function pairSmallKeys(
  keys: Int32Array,
  gap: number,
  { bounds, lower, upper, pairs }: Found & { readonly bounds: Int32Array },
): number {
  const less = (gap - 1) | 0;
  let next = pairs | 0;
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

/** The same for keys of any size. */
function pairLargeKeys(keys: Float64Array, gap: number, { lower, upper, pairs }: Found): number {
  let next = pairs;
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
