import { checkIndices, checkNoneTwice, checkSize } from "../check-arguments.js";
import { count, type OperationTable, reads, writes } from "./operation.js";

/** Keys in ascending order, and how far apart the pairs of each tap lie. */
export interface ShiftedKeys {
  /** [keys] whole numbers that ascend, each once */
  readonly keys: Float64Array;
  /** [keys] row of each key */
  readonly order: Int32Array;
  /** [shifts] whole numbers */
  readonly shifts: Float64Array;
}

/** Where `shiftedPairs` writes. */
export interface ShiftedPairs {
  /** [shifts·keys] row whose key is the shifted one; what lies behind the last pair has no meaning */
  readonly inputs: Int32Array;
  /** [shifts·keys] row whose key is shifted */
  readonly outputs: Int32Array;
  /** [shifts + 1] pairs `starts[t] .. starts[t+1]` belong to shift t */
  readonly starts: Int32Array;
}

export interface ShiftedPairsOperations {
  /**
   * Which keys lie how far apart: the pairs of a submanifold sparse convolution, whose taps are shifts. `order[i]` is the row
   * of keys[i]; row order[o] meets row order[i] under shift t if `keys[i] = keys[o] + shifts[t]`. The pairs of a shift ascend
   * with their outputs. A shift that is 1 more than the one before it costs half, and the opposite of the shift as far from
   * the other end a copy.
   */
  shiftedPairs(keys: ShiftedKeys, pairs: ShiftedPairs): void;
}

export const shiftedPairsOperations: OperationTable<ShiftedPairsOperations> = {
  shiftedPairs: {
    arrays: {
      ...{ keys: reads("float64"), order: reads("int32"), shifts: reads("float64") },
      ...{ inputs: writes("int32"), outputs: writes("int32"), starts: writes("int32") },
    },
    sizes: { rows: count, taps: count },
    arraysOf: ({ keys, order, shifts }, { inputs, outputs, starts }) => [keys, order, shifts, inputs, outputs, starts],
    sizesOf: ({ keys, shifts }) => [keys.length, shifts.length],
    checkSizes: (where, { keys, shifts }) => checkSize(where, "keys times shifts", keys.length * shifts.length, 0),
    shapesOf({ keys, shifts }) {
      const pairs = [shifts.length, keys.length];
      return [null, [keys.length], null, pairs, pairs, [shifts.length + 1]];
    },
    checkContents({ where, find }, { keys, order, shifts }) {
      checkAscending(where, "keys", keys);
      for (let t = 0; t < shifts.length; t++) {
        if (!Number.isSafeInteger(shifts[t])) {
          throw new RangeError(`${where}: expected an integer for shifts[${t}], got ${shifts[t]}`);
        }
      }
      checkIndices(where, "order", order, [0, order.length], find);
      checkNoneTwice(where, "order", order, order.length);
    },
    plain({ keys, order, shifts }, pairs) {
      const rows = keys.length;
      const { starts } = pairs;
      const isSmall =
        (rows === 0 || keys[rows - 1] < INT32_KEYS) && shifts.every((shift) => Math.abs(shift) < INT32_KEYS);
      const smallKeys = new Int32Array(isSmall ? rows + 1 : 0);
      if (isSmall) smallKeys.set(keys);
      smallKeys[rows] = 2 * INT32_KEYS; // above every key with a shift
      const bounds = new Int32Array(rows + 1);
      starts[0] = 0;
      for (let tap = 0, bounded = NaN; tap < shifts.length; tap++) {
        const shift = shifts[tap];
        const found = { ...pairs, next: starts[tap] };
        if (mirrors(shifts, tap)) starts[tap + 1] = mirrorPairs(pairs, shifts.length - 1 - tap, found);
        else if (!isSmall) starts[tap + 1] = pairLargeKeys(keys, shift, found);
        else {
          // The bounds that the shift before left behind hold for one that is more by 1, as the next cell's is.
          if (shift !== bounded) boundKeys(smallKeys, shift, bounds);
          starts[tap + 1] = pairSmallKeys(smallKeys, shift, { ...found, bounds });
          bounded = shift + 1;
        }
      }
      if (order.some((row, place) => row !== place)) orderByRow(order, pairs);
    },
  },
};

/** Keys and shifts below this leave room in an int32 for their sums and differences. */
const INT32_KEYS = 2 ** 29;

/** Throws RangeError unless the numbers are whole, ascend from 0 or more, each once, and stay below 2^53. */
function checkAscending(where: string, name: string, numbers: Float64Array): void {
  for (let i = 0, before = -1; i < numbers.length; i++) {
    const number = numbers[i];
    if (!(number > before) || number !== Math.floor(number) || number > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(`${where}: expected an integer of at least ${before + 1} for ${name}[${i}], got ${number}`);
    }
    before = number;
  }
}

/** What one tap pairs, another one pairs the other way round if its shift is the opposite. */
function mirrors(shifts: Float64Array, tap: number): boolean {
  const other = shifts.length - 1 - tap;
  return other < tap && shifts[other] === -shifts[tap];
}

interface Found {
  readonly inputs: Int32Array;
  readonly outputs: Int32Array;
  /** how many there are already */
  readonly next: number;
}

/** The pairs of another tap the other way round; returns how many there are now, as the functions below. */
function mirrorPairs({ starts, inputs, outputs }: ShiftedPairs, other: number, { next }: Found): number {
  const [start, end] = [starts[other], starts[other + 1]];
  inputs.set(outputs.subarray(start, end), next);
  outputs.set(inputs.subarray(start, end), next);
  return next + end - start;
}

/**
 * bounds[i] = the first place whose key is at least keys[i] + shift. Without a branch that depends on the keys: which of
 * two is less is a coin toss to a processor, and a wrong guess costs more than a step. The last key is above all.
 */
function boundKeys(keys: Int32Array, shift: number, bounds: Int32Array): void {
  const rows = keys.length - 1;
  const more = shift | 0;
  let i = 0;
  let j = 0;
  while (i < rows) {
    const isLess = (keys[j] - ((keys[i] + more) | 0)) >>> 31; // the sign bit
    bounds[i] = j;
    j += isLess;
    i += 1 - isLess;
  }
}

/**
 * A place without a partner is written too, and overwritten by the next. The bounds become those of a shift that is more
 * by 1.
 */
function pairSmallKeys(
  keys: Int32Array,
  shift: number,
  { bounds, inputs, outputs, next: first }: Found & { readonly bounds: Int32Array },
): number {
  const rows = keys.length - 1;
  const more = (shift + 1) | 0;
  let next = first | 0;
  for (let i = 0; i < rows; i += 1) {
    const j = bounds[i];
    const isEqual = (keys[j] - ((keys[i] + more) | 0)) >>> 31; // the key is not less than wanted, so less than 1 more
    inputs[next] = j;
    outputs[next] = i;
    next += isEqual;
    bounds[i] = j + isEqual;
  }
  return next;
}

/** The same for keys and shifts of any size. */
function pairLargeKeys(keys: Float64Array, shift: number, { inputs, outputs, next: first }: Found): number {
  let next = first;
  let j = 0;
  for (let i = 0; i < keys.length; i += 1) {
    const wanted = keys[i] + shift;
    while (keys[j] < wanted) j += 1;
    if (keys[j] !== wanted) continue;
    inputs[next] = j;
    outputs[next] = i;
    next += 1;
  }
  return next;
}

/**
 * Turns places into rows, and each tap's pairs into the order of their outputs. A tap has an output once at most, so that a
 * bit for each row that it has sorts them.
 */
function orderByRow(order: Int32Array, { starts, inputs, outputs }: ShiftedPairs): void {
  const marked = new Int32Array(Math.ceil(order.length / 32));
  const inputOf = new Int32Array(order.length);
  for (let tap = 0; tap < starts.length - 1; tap += 1) {
    let next = starts[tap];
    for (let pair = next; pair < starts[tap + 1]; pair += 1) {
      const row = order[outputs[pair]];
      marked[row >>> 5] |= 1 << (row & 31);
      inputOf[row] = order[inputs[pair]];
    }
    for (let word = 0; word < marked.length; word += 1) {
      for (let left = marked[word]; left !== 0; left &= left - 1, next += 1) {
        const row = 32 * word + 31 - Math.clz32(left & -left);
        inputs[next] = inputOf[row];
        outputs[next] = row;
      }
      marked[word] = 0;
    }
  }
}
