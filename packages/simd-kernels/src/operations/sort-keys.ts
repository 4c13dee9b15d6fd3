import { index, type OperationTable, reads, writes } from "./operation.js";

/** Where `sortKeys` writes. */
export interface SortedKeys {
  /** [keys] ascending */
  readonly sorted: Float64Array;
  /** [keys] where each stood */
  readonly order: Int32Array;
}

export interface SortKeysOperations {
  /**
   * Sorts whole numbers from 0 to 2^53 − 1: `sorted` ascends, `sorted[i] = keys[order[i]]`, and equal keys keep their order.
   */
  sortKeys(keys: Float64Array, found: SortedKeys): void;
}

export const sortKeysOperations: OperationTable<SortKeysOperations> = {
  sortKeys: {
    arrays: { keys: reads("float64"), sorted: writes("float64"), order: writes("int32") },
    sizes: { length: index() },
    arraysOf: (keys, { sorted, order }) => [keys, sorted, order],
    sizesOf: (keys) => [keys.length],
    shapesOf: (keys) => [null, [keys.length], [keys.length]],
    checkContents({ where }, keys) {
      for (let i = 0; i < keys.length; i++) {
        if (!Number.isSafeInteger(keys[i]) || keys[i] < 0) {
          throw new RangeError(`${where}: expected whole numbers from 0 to 2^53 - 1 for keys[${i}], got ${keys[i]}`);
        }
      }
    },
    plain: sortByDigits,
  },
};

/** Bits of a key that one pass sorts by: 2048 counters stay in the first-level cache. */
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
/** Keys below this are sorted as int32. */
const INT32_KEYS = 2 ** 31;

/** By digits from the lowest up. */
export function sortByDigits(unsorted: Float64Array, { sorted, order }: SortedKeys): void {
  let largest = 0;
  for (let i = 0; i < unsorted.length; i += 1) if (unsorted[i] > largest) largest = unsorted[i];
  const found = largest < INT32_KEYS ? sortSmallKeys(unsorted) : sortLargeKeys(unsorted, largest);
  sorted.set(found.keys);
  order.set(found.order);
}

interface PlacedKeys {
  readonly keys: Float64Array | Int32Array;
  readonly order: Int32Array;
}

function places(count: number): Int32Array<ArrayBuffer> {
  const order = new Int32Array(count);
  for (let i = 0; i < count; i += 1) order[i] = i;
  return order;
}

/** Keys that fit an int32: their digits are bits. */
function sortSmallKeys(unsorted: Float64Array): PlacedKeys {
  const count = unsorted.length;
  let keys = new Int32Array(unsorted);
  let order = places(count);
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
  return { keys, order };
}

/** Larger keys: digits by division. */
function sortLargeKeys(unsorted: Float64Array, largest: number): PlacedKeys {
  const count = unsorted.length;
  let keys = new Float64Array(unsorted);
  let order = places(count);
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
