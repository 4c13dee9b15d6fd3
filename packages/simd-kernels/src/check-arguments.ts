import type { KernelArray } from "./operations/operation.js";

/** Sizes and steps are int32 numbers. */
const MOST = 0x7fffffff;

/** Throws RangeError unless a size is an integer of at least `least` and an int32; the message joins the two parts of its name. */
export function checkSize(where: string, name: string, value: number, least: number, part = ""): void {
  if (Number.isInteger(value) && value > MOST) {
    throw new RangeError(`${where}: expected at most ${MOST} for ${name}${part}, got ${String(value)}`);
  }
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`${where}: expected an integer of at least ${least} for ${name}${part}, got ${String(value)}`);
  }
}

/** Throws RangeError unless there are three sizes, of z, y and x, all of at least `least`. */
export function checkTriple(where: string, name: string, axes: readonly number[], least: number): void {
  if (axes?.length !== 3) {
    const got = Array.isArray(axes) ? `${axes.length} of them` : String(axes);
    throw new RangeError(`${where}: expected three integers, for z, y and x, for ${name}, got ${got}`);
  }
  checkSize(where, name, axes[0], least, " z");
  checkSize(where, name, axes[1], least, " y");
  checkSize(where, name, axes[2], least, " x");
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

/**
 * What a typed array is, as the engine has it: a property of the array itself could say anything. The tag, not `instanceof`:
 * arrays may come from another realm (a vm context of a test runner).
 */
interface ArrayFacts {
  /** name of its kind, undefined for what is no typed array */
  readonly kind: (array: unknown) => string | undefined;
  /** entries; 0 once the buffer is detached */
  readonly length: (array: KernelArray) => number;
  readonly byteLength: (array: KernelArray) => number;
  readonly byteOffset: (array: KernelArray) => number;
  readonly buffer: (array: KernelArray) => ArrayBuffer;
}

const getter = (prototype: object, property: PropertyKey): ((object: unknown) => never) | undefined => {
  const get = Object.getOwnPropertyDescriptor(prototype, property)?.get;
  return get && ((object) => get.call(object) as never);
};
const typedArray = Object.getPrototypeOf(Float32Array.prototype) as object;

/** {@link ArrayFacts} of a typed array. */
export const factsOf = {
  kind: getter(typedArray, Symbol.toStringTag),
  length: getter(typedArray, "length"),
  byteLength: getter(typedArray, "byteLength"),
  byteOffset: getter(typedArray, "byteOffset"),
  buffer: getter(typedArray, "buffer"),
} as unknown as ArrayFacts;

const bufferLength = getter(ArrayBuffer.prototype, "byteLength") as unknown as (buffer: ArrayBuffer) => number;
/** Only in engines that have such buffers. */
const isResizable = getter(ArrayBuffer.prototype, "resizable") as unknown as undefined | ((b: ArrayBuffer) => boolean);

/** Throws TypeError unless `array` is a typed array of one of the {@link kinds}, on memory that stays as it is. */
export function checkKind(where: string, name: string, array: unknown, expected: string): void {
  const kind = factsOf.kind(array);
  if (kind !== expected && !(expected === kinds.real && (kind === "Float32Array" || kind === "Float64Array"))) {
    throw new TypeError(`${where}: expected ${expected} for ${name}, got ${kind ?? typeof array}`);
  }
  const found = faultOf(factsOf.buffer(array as KernelArray));
  if (found) throw new TypeError(`${where}: expected an ArrayBuffer of fixed length under ${name}, got ${found}`);
}

/** What is wrong with the memory of an array: it could change or go while a kernel runs, or is gone. */
function faultOf(buffer: ArrayBuffer): string | undefined {
  let length: number;
  try {
    length = bufferLength(buffer);
  } catch {
    return "a SharedArrayBuffer";
  }
  if (isResizable?.(buffer)) return "a resizable one";
  if (length > 0) return undefined;
  try {
    new Uint8Array(buffer); // engines of today have no other way to ask
    return undefined;
  } catch {
    return "a detached one";
  }
}

/** Throws RangeError unless `array` holds exactly the product of `shape`. */
export function checkLength(where: string, name: string, array: KernelArray, shape: readonly number[]): void {
  let expected = 1;
  for (let i = 0; i < shape.length; i++) expected *= shape[i];
  const length = factsOf.length(array);
  if (length !== expected) {
    throw new RangeError(`${where}: expected ${expected} entries [${shape}] for ${name}, got ${length}`);
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

/** Throws RangeError unless the starts of runs ascend from 0 to `last`. */
export function checkStarts(where: string, name: string, starts: Int32Array, last: number): void {
  let previous = 0;
  for (let i = 0; i < starts.length; i++) {
    if (starts[i] < previous || (i === 0 && starts[i] !== 0)) {
      throw new RangeError(`${where}: expected ascending starts from 0 for ${name}, got ${starts[i]} at ${i}`);
    }
    previous = starts[i];
  }
  if (previous !== last) {
    throw new RangeError(`${where}: expected ${last} for the last of ${name}, got ${previous}`);
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

/** Throws RangeError if two arrays on one buffer share memory: the result would depend on the order of the work. */
export function checkApart(where: string, out: KernelArray, other: KernelArray): void {
  const [outFirst, first] = [factsOf.byteOffset(out), factsOf.byteOffset(other)];
  const [outBytes, bytes] = [factsOf.byteLength(out), factsOf.byteLength(other)];
  if (bytes > 0 && outBytes > 0 && first < outFirst + outBytes && outFirst < first + bytes) {
    throw new RangeError(`${where}: expected an output apart from its inputs, got overlapping arrays`);
  }
}

/** As {@link checkApart}, but an output may be the input itself, from end to end. */
export function checkSameOrApart(where: string, out: KernelArray, input: KernelArray): void {
  const isSame =
    factsOf.byteOffset(out) === factsOf.byteOffset(input) && factsOf.byteLength(out) === factsOf.byteLength(input);
  if (!isSame) checkApart(where, out, input);
}

/** The entries `from` to `to` of an array, or all, as an array of its plain kind. */
export function plainView<Kind extends KernelArray>(array: Kind, from = 0, to = factsOf.length(array)): Kind {
  const Plain = plainKinds[factsOf.kind(array) as keyof typeof plainKinds];
  const first = factsOf.byteOffset(array) + from * Plain.BYTES_PER_ELEMENT;
  return new Plain(factsOf.buffer(array), first, to - from) as Kind;
}
const plainKinds = { Float32Array, Float64Array, Int32Array };

/** Whether an array's properties are those of its kind: no subclass, no length of its own. */
function isPlain(array: object): boolean {
  const prototype = Object.getPrototypeOf(array);
  const { Float32Array: a, Int32Array: b, Float64Array: c } = plainKinds;
  return (
    (prototype === a.prototype || prototype === b.prototype || prototype === c.prototype) &&
    !Object.hasOwn(array, "length")
  );
}

/**
 * Arguments of a call as plain data that give the same answer whenever they are asked: structs and lists are copied; an array
 * that is more than its kind, or of another realm, is seen through a plain view of its memory.
 */
export function copyOfArgument(argument: unknown): unknown {
  if (typeof argument !== "object" || argument === null) return argument;
  if (ArrayBuffer.isView(argument)) {
    const kind = factsOf.kind(argument);
    if (isPlain(argument) || !kind || !(kind in plainKinds)) return argument;
    const array = argument as KernelArray;
    return faultOf(factsOf.buffer(array)) ? array : plainView(array); // what is at fault is refused by the checks
  }
  if (Array.isArray(argument)) return [...argument];
  const copy: Record<string, unknown> = { ...argument };
  for (const name in copy) {
    const value = copy[name];
    if (typeof value === "object") copy[name] = copyOfArgument(value);
  }
  return copy;
}
