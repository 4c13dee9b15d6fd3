/** Bits of a key that one pass sorts by: 2048 counters stay in the first-level cache. */
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/** Keys in ascending order and where each of them stood before. */
export interface SortedKeys {
  readonly keys: Float64Array;
  /** [keys] `order[i]` is the place of `keys[i]` in the unsorted array; equal keys keep their order */
  readonly order: Int32Array;
}

/**
 * Sorts whole numbers from 0 to 2^53 − 1 with their places, by their digits from the lowest up (radix sort): linear in
 * the number of keys, where comparing them would pay a logarithm and a call each. Keys that ascend already are returned
 * as they are.
 */
export function sortKeys(unsorted: Float64Array): SortedKeys {
  const count = unsorted.length;
  let order = new Int32Array(count);
  let largest = 0;
  let ascends = true;
  for (let i = 0; i < count; i += 1) {
    order[i] = i;
    if (unsorted[i] < largest) ascends = false;
    else largest = unsorted[i];
  }
  if (ascends) return { keys: unsorted, order };

  let keys = new Float64Array(unsorted);
  let spareKeys = new Float64Array(count);
  let spareOrder = new Int32Array(count);
  for (let scale = 1; scale <= largest; scale *= DIGITS) {
    const next = digitStarts(keys, scale);
    for (let i = 0; i < count; i += 1) {
      const place = next[(keys[i] / scale) & (DIGITS - 1)]++;
      spareKeys[place] = keys[i];
      spareOrder[place] = order[i];
    }
    [keys, spareKeys] = [spareKeys, keys];
    [order, spareOrder] = [spareOrder, order];
  }
  return { keys, order };
}

/** Where the keys with every value of a digit begin. `&` drops the fraction and all bits above 32, which is floor here. */
function digitStarts(keys: Float64Array, scale: number): Int32Array {
  const starts = new Int32Array(DIGITS + 1);
  for (let i = 0; i < keys.length; i += 1) starts[((keys[i] / scale) & (DIGITS - 1)) + 1] += 1;
  for (let digit = 0; digit < DIGITS; digit += 1) starts[digit + 1] += starts[digit];
  return starts;
}
