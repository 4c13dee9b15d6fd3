import type { KernelArray } from "./operations/operation.js";

/** Throws RangeError unless a size is an integer of at least `least`; the message joins the two parts of its name. */
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

/** Kinds of arrays by their elements; `real` is float32 or float64. */
export const kinds = {
  float32: "Float32Array",
  float64: "Float64Array",
  int32: "Int32Array",
  real: "Float32Array or Float64Array",
} as const;

/** Throws TypeError unless `array` is a typed array of one of the {@link kinds}. */
export function checkKind(where: string, name: string, array: unknown, expected: string): void {
  // The tag, not `instanceof`: arrays may come from another realm (a vm context of a test runner).
  const kind = ArrayBuffer.isView(array) ? (array as Float32Array)[Symbol.toStringTag] : typeof array;
  if (kind === expected) return;
  if (expected === kinds.real && (kind === "Float32Array" || (kind as string) === "Float64Array")) return;
  throw new TypeError(`${where}: expected ${expected} for ${name}, got ${String(kind)}`);
}

/** Throws RangeError unless `array` holds exactly the product of `shape`. */
export function checkLength(where: string, name: string, array: KernelArray, shape: readonly number[]): void {
  let length = 1;
  for (let i = 0; i < shape.length; i++) length *= shape[i];
  if (array.length !== length) {
    throw new RangeError(`${where}: expected ${length} entries [${shape}] for ${name}, got ${array.length}`);
  }
}

/** Throws TypeError unless `value` is a number. */
export function checkNumber(where: string, name: string, value: unknown): void {
  if (typeof value !== "number") throw new TypeError(`${where}: expected a number for ${name}, got ${String(value)}`);
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

/** Throws RangeError if an index comes twice; they are within 0 .. limit - 1. */
export function checkNoneTwice(where: string, name: string, indices: Int32Array, limit: number): void {
  let i = 0;
  while (i < indices.length && indices[i] === i) i++;
  if (i === indices.length) return; // 0, 1, 2, …
  const has = new Uint8Array(limit);
  for (const index of indices) {
    if (has[index] !== 0) throw new RangeError(`${where}: expected every row once in ${name}, got ${index} twice`);
    has[index] = 1;
  }
}

/** Throws RangeError if two arrays share memory: the result would depend on the order of the work. */
export function checkApart(where: string, out: KernelArray, other: KernelArray): void {
  if (
    other.buffer === out.buffer &&
    other.byteLength > 0 &&
    out.byteLength > 0 &&
    other.byteOffset < out.byteOffset + out.byteLength &&
    out.byteOffset < other.byteOffset + other.byteLength
  ) {
    throw new RangeError(`${where}: expected an output apart from its inputs, got overlapping arrays`);
  }
}

/** As {@link checkApart}, but an output may be the input itself, from end to end. */
export function checkSameOrApart(where: string, out: KernelArray, input: KernelArray): void {
  if (out.byteOffset !== input.byteOffset || out.byteLength !== input.byteLength) checkApart(where, out, input);
}
