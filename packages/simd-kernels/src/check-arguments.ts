/** Throws RangeError unless every named size is an integer of at least `least`. */
export function checkSizes(where: string, sizes: Readonly<Record<string, number>>, least = 0): void {
  for (const name in sizes) checkSize(where, name, sizes[name], least);
}

/** The same for one size; the message joins the two parts of its name. */
export function checkSize(where: string, name: string, value: number, least: number, part = ""): void {
  if (!Number.isInteger(value) || value < least || value > 0x7fffffff) {
    throw new RangeError(`${where}: expected an integer of at least ${least} for ${name}${part}, got ${String(value)}`);
  }
}

/** Throws RangeError if a size is above `most`. */
export function checkAtMost(where: string, sizes: Readonly<Record<string, number>>, most: number): void {
  for (const name in sizes) {
    if (sizes[name] > most) throw new RangeError(`${where}: expected at most ${most} for ${name}, got ${sizes[name]}`);
  }
}

function checkKind(where: string, name: string, array: unknown, kind: string): void {
  // The tag, not `instanceof`: arrays may come from another realm (a vm context of a test runner).
  if (!ArrayBuffer.isView(array) || (array as Float32Array)[Symbol.toStringTag] !== kind) {
    const got = ArrayBuffer.isView(array) ? (array as Float32Array)[Symbol.toStringTag] : typeof array;
    throw new TypeError(`${where}: expected ${kind} for ${name}, got ${String(got)}`);
  }
}

function checkLength(where: string, name: string, array: { readonly length: number }, shape: readonly number[]): void {
  let length = 1;
  for (const size of shape) length *= size;
  if (array.length !== length) {
    throw new RangeError(`${where}: expected ${length} entries [${shape}] for ${name}, got ${array.length}`);
  }
}

/** Throws TypeError unless `array` is a Float32Array, RangeError unless it holds exactly the product of `shape`. */
export function checkFloats(where: string, name: string, array: Float32Array, shape: readonly number[]): void {
  checkKind(where, name, array, "Float32Array");
  checkLength(where, name, array, shape);
}

/** As {@link checkFloats} for a Float64Array. */
export function checkDoubles(where: string, name: string, array: Float64Array, shape: readonly number[]): void {
  checkKind(where, name, array, "Float64Array");
  checkLength(where, name, array, shape);
}

/** As {@link checkFloats} for an Int32Array; without a shape any length will do. */
export function checkIntegers(where: string, name: string, array: Int32Array, shape?: readonly number[]): void {
  checkKind(where, name, array, "Int32Array");
  if (shape) checkLength(where, name, array, shape);
}

/** Position of the first index outside `low .. high-1`, or -1. A layer may offer a faster one. */
export type FindOutside = (indices: Int32Array, low: number, high: number) => number;

/** Plain {@link FindOutside}. */
export const findOutside: FindOutside = (indices, low, high) => {
  for (let i = 0; i < indices.length; i++) if (indices[i] < low || indices[i] >= high) return i;
  return -1;
};

/** Throws RangeError unless every index lies in `low .. high-1`. */
export function checkIndices(
  where: string,
  name: string,
  indices: Int32Array,
  [low, high]: readonly [number, number],
  find: FindOutside,
): void {
  const at = find(indices, low, high);
  if (at >= 0) {
    throw new RangeError(`${where}: expected ${low}..${high - 1} for ${name}[${at}], got ${indices[at]}`);
  }
}

/** Throws RangeError unless `value` is one of `choices`. */
export function checkChoice(where: string, name: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value)) {
    throw new RangeError(`${where}: expected one of ${choices.join(", ")} for ${name}, got ${String(value)}`);
  }
}

/** Throws RangeError if two arrays share memory: the result would depend on the order of the work. */
export function checkApart(where: string, out: ArrayBufferView, ...inputs: readonly ArrayBufferView[]): void {
  for (const input of inputs) {
    if (
      input.buffer === out.buffer &&
      input.byteLength > 0 &&
      out.byteLength > 0 &&
      input.byteOffset < out.byteOffset + out.byteLength &&
      out.byteOffset < input.byteOffset + input.byteLength
    ) {
      throw new RangeError(`${where}: expected an output apart from its inputs, got overlapping arrays`);
    }
  }
}

/** As {@link checkApart}, but an output may be the input itself: arrays of one length that begin at the same place. */
export function checkSameOrApart(where: string, out: ArrayBufferView, input: ArrayBufferView): void {
  if (out.byteOffset !== input.byteOffset) checkApart(where, out, input);
}
