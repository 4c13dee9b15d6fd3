/** Bits of a key that one pass sorts by: 2048 counters stay in the first-level cache. */
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
/** Keys below this are sorted as int32. */
const INT32_KEYS = 2 ** 31;

/** Keys in ascending order and where each of them stood before. */
export interface SortedKeys {
  readonly keys: Float64Array;
  /** [keys] `order[i]` is the place of `keys[i]` in the unsorted array; equal keys keep their order */
  readonly order: Int32Array;
  /** whether the keys ascended before: then `order` is 0, 1, 2, … */
  readonly isSorted: boolean;
}

/**
 * Sorts whole numbers from 0 to 2^53 − 1 with their places, by their digits from the lowest up (radix sort): linear in
 * the number of keys, where comparing them would pay a logarithm and a call each. Keys that ascend already are returned
 * as they are.
 */
export function sortKeys(unsorted: Float64Array): SortedKeys {
  const count = unsorted.length;
  const order = new Int32Array(count);
  let largest = 0;
  let ascends = true;
  for (let i = 0; i < count; i += 1) {
    order[i] = i;
    if (unsorted[i] < largest) ascends = false;
    else largest = unsorted[i];
  }
  if (ascends) return { keys: unsorted, order, isSorted: true };

  return largest < INT32_KEYS ? sortSmallKeys(unsorted, order) : sortLargeKeys(unsorted, { order, largest });
}

/** Keys that fit an int32: their digits are bits. */
function sortSmallKeys(unsorted: Float64Array, places: Int32Array): SortedKeys {
  const count = unsorted.length;
  let keys = new Int32Array(unsorted);
  let order = places.slice();
  let spareKeys = new Int32Array(count);
  let spareOrder = new Int32Array(count);
  const bits = keys.reduce((all, key) => all | key, 0);
  for (let shift = 0; shift < 31 && bits >>> shift !== 0; shift += DIGIT_BITS) {
    const next = new Int32Array(DIGITS + 1);
    for (let i = 0; i < count; i += 1) next[((keys[i] >>> shift) & (DIGITS - 1)) + 1] += 1;
    for (let digit = 0; digit < DIGITS; digit += 1) next[digit + 1] += next[digit];
    for (let i = 0; i < count; i += 1) {
      const key = keys[i];
      const place = next[(key >>> shift) & (DIGITS - 1)]++;
      spareKeys[place] = key;
      spareOrder[place] = order[i];
    }
    [keys, spareKeys] = [spareKeys, keys];
    [order, spareOrder] = [spareOrder, order];
  }
  return { keys: new Float64Array(keys), order, isSorted: false };
}

/** Larger keys: digits by division. */
function sortLargeKeys(
  unsorted: Float64Array,
  { order: places, largest }: { order: Int32Array; largest: number },
): SortedKeys {
  const count = unsorted.length;
  let keys = new Float64Array(unsorted);
  let order = places.slice();
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
  return { keys, order, isSorted: false };
}

/** Where the keys with every value of a digit begin. `&` drops the fraction and all bits above 32, which is floor here. */
function digitStarts(keys: Float64Array, scale: number): Int32Array {
  const starts = new Int32Array(DIGITS + 1);
  for (let i = 0; i < keys.length; i += 1) starts[((keys[i] / scale) & (DIGITS - 1)) + 1] += 1;
  for (let digit = 0; digit < DIGITS; digit += 1) starts[digit + 1] += starts[digit];
  return starts;
}
