// Faults that a call is given: each takes arguments and returns others, or undefined where there is nothing to spoil.
import { type KernelArray, listSizes, type Operation } from "../../src/operations/operation.js";
import { changed } from "../sample-calls.js";

export interface Fault {
  readonly name: string;
  readonly args: unknown[];
  /** whether layers still agree on the numbers if they take the call */
  readonly isTame: boolean;
}
type Inject = (args: unknown[], operation: Operation, rng: () => number) => Fault | undefined;

const GUARD = 64;
const pick = <T>(from: readonly T[], rng: () => number): T => from[Math.floor(rng() * from.length)];

/** The same contents in memory of its own, of just this length or between guards, which are added to `guards`. */
export function layOut(array: KernelArray, rng: () => number, guards: Uint8Array[]): KernelArray {
  const Kind = array.constructor as Float32ArrayConstructor;
  if (rng() < 0.5) return Kind.from(array);
  const before = GUARD + Kind.BYTES_PER_ELEMENT * Math.floor(rng() * 5);
  const buffer = new ArrayBuffer(before + array.byteLength + GUARD);
  const bytes = new Uint8Array(buffer).fill(0xa5);
  guards.push(bytes.subarray(0, before), bytes.subarray(before + array.byteLength));
  const laid = new Kind(buffer, before, array.length);
  laid.set(array);
  return laid;
}

/** One array is something else. */
export const arrayFaults: Inject = (args, operation, rng) => {
  let arrays: readonly KernelArray[];
  try {
    arrays = operation.arraysOf(...args).filter((array) => ArrayBuffer.isView(array));
  } catch {
    return undefined;
  }
  if (arrays.length === 0) return undefined;
  const array = pick(arrays, rng);
  const other = pick(arrays, rng);
  const [name, make] = pick(Object.entries(arraysInstead), rng);
  let made: unknown;
  try {
    made = make(array, rng, other);
  } catch {
    return undefined; // an earlier fault is in the way
  }
  if (made === undefined && name !== "missing array") return undefined;
  const instead = made === undefined ? null : made;
  return {
    name,
    args: changed(args, (value) => (value === array ? instead : undefined)) as unknown[],
    isTame: name.startsWith("tame"),
  };
};

const kindOf = (array: KernelArray) => array.constructor as Float32ArrayConstructor;
const resizable = (bytes: number) =>
  new (ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer)(bytes, {
    maxByteLength: 2 * bytes + 8,
  });
const moveAway = (buffer: ArrayBufferLike) => structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });

const arraysInstead: Record<string, (array: KernelArray, rng: () => number, other: KernelArray) => unknown> = {
  "one entry more": (array) => new (kindOf(array))(array.length + 1),
  "one entry less": (array) => array.slice(0, Math.max(0, array.length - 1)),
  "no entries": (array) => new (kindOf(array))(0),
  "twice the length": (array) => new (kindOf(array))(2 * array.length + 2),
  "another kind": (array, rng) =>
    new (pick([Float32Array, Float64Array, Int32Array, Uint8Array, Uint32Array, Int8Array], rng))(array.length),
  "a DataView": (array) => new DataView(array.buffer),
  "a plain list": (array) => [...array],
  "missing array": () => undefined,
  "a number": () => 5,
  "what only looks like an array": (array) => ({ length: array.length, buffer: array.buffer, byteOffset: 0 }),
  "detached memory": (array) => {
    const own = array.slice();
    moveAway(own.buffer);
    return own;
  },
  "resizable memory": (array) =>
    new (kindOf(array))(
      resizable(array.byteLength + 8),
      8 * (array.length > 2 ? 1 : 0),
      array.length > 2 ? array.length - 2 : undefined,
    ),
  "resizable memory made shorter": (array) => {
    const buffer = resizable(array.byteLength);
    const own = new (kindOf(array))(buffer, 0, array.length);
    (buffer as unknown as { resize(bytes: number): void }).resize(0);
    return own;
  },
  "resizable memory moved away": (array) => {
    const buffer = resizable(array.byteLength + 4);
    const own = new (kindOf(array))(buffer);
    moveAway(buffer);
    return own;
  },
  "shared memory": (array) => new (kindOf(array))(new SharedArrayBuffer(array.byteLength)),
  "overlapping memory": (array, rng, other) => {
    const Kind = kindOf(array);
    const end = other.byteOffset + other.byteLength; // what lies around `other` may be a guard
    const first = 8 * Math.ceil((other.byteOffset + rng() * (other.byteLength / 2)) / 8);
    return new Kind(
      other.buffer,
      first,
      Math.max(0, Math.min(array.length, Math.floor((end - first) / Kind.BYTES_PER_ELEMENT))),
    );
  },
  "the same array": (_array, _rng, other) => other,
  "tame subclass with a length of its own": (array) => {
    class Liar extends kindOf(array) {
      override get length(): number {
        return 100_000;
      }
    }
    const own = new Liar(
      array.buffer as ArrayBuffer,
      array.byteOffset,
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Float32Array.prototype), "length")!.get!.call(array),
    );
    return own;
  },
  "tame array with properties of its own": (array, rng) => {
    const own = new (kindOf(array))(array.buffer as ArrayBuffer, array.byteOffset, array.length);
    const liar = pick(["length", "byteLength", "byteOffset", "BYTES_PER_ELEMENT", "buffer"], rng);
    return Object.defineProperty(own, liar, { value: liar === "buffer" ? new ArrayBuffer(8) : 100_000 });
  },
  "one wild entry": (array, rng) => {
    if (array.length === 0) return undefined;
    const own = array.slice();
    const wild = [
      -1,
      -2,
      2 ** 31 - 1,
      -(2 ** 31),
      array.length,
      array.length + 1,
      0.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 53,
      -0,
      3e38,
      1e-40,
    ];
    own[Math.floor(rng() * own.length)] = pick(wild, rng);
    return own;
  },
  "wild entries": (array, rng) =>
    array.map(() => pick([-1, 0, 1, 5, 2 ** 31 - 1, Number.NaN, Number.NEGATIVE_INFINITY], rng)),
};

const wildSizes: readonly unknown[] = [
  -1,
  0,
  1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 30,
  2 ** 53,
  -(2 ** 31),
  "3",
  "",
  null,
  undefined,
  true,
  [3],
  {},
  { valueOf: () => 3 },
];

/** Sizes that cost time, not memory: many rounds are no fault. */
const COSTLY = new Set(["rounds"]);

/** One size or setting is another; or many of them, empty and huge. Arrays follow where they can. */
export const sizeFaults: Inject = (args, operation, rng) => {
  const names = listSizes(operation.sizes)
    .map(([name]) => name)
    .filter((name) => !COSTLY.has(name));
  if (names.length === 0) return undefined;
  const many = rng() < 0.4;
  const one = pick(names, rng);
  const wild = pick(wildSizes, rng);
  let hit = false;
  const given = changed(args, (value, key) => {
    if (!names.includes(key) || ArrayBuffer.isView(value)) return undefined;
    if (many) {
      if (typeof value !== "number" || rng() < 0.3) return undefined;
      hit = true;
      return pick([0, 0, 1, 2, 2 ** 31 - 1, 2 ** 20], rng);
    }
    if (key !== one) return undefined;
    hit = true;
    if (!Array.isArray(value)) return wild === undefined ? null : wild;
    return value.map((axis) => (rng() < 0.5 ? wild : axis));
  }) as unknown[];
  if (!hit) return undefined;
  return {
    name: many ? "empty and huge sizes" : `${one} ${String(wild)}`,
    args: many ? fitted(given, operation) : given,
    isTame: false,
  };
};

/** Arrays of the lengths that huge sizes ask for, where these come to little. */
function fitted(args: unknown[], operation: Operation): unknown[] {
  try {
    const arrays = operation.arraysOf(...args);
    const others = operation.shapesOf(...args).map((shape, i) => {
      const length = shape?.reduce((product, size) => product * size, 1) ?? arrays[i].length;
      return length <= 4096 ? new (kindOf(arrays[i]))(length) : arrays[i];
    });
    const own = new Map(arrays.map((array, i) => [array as unknown, others[i]]));
    return changed(args, (value) => own.get(value)) as unknown[];
  } catch {
    return args;
  }
}

/** A struct whose parts answer differently every time, that lacks one, or that is none. */
export const structFaults: Inject = (args, _operation, rng) => {
  const at = Math.floor(rng() * args.length);
  const struct = args[at];
  if (rng() < 0.2)
    return { name: "missing argument", args: args.with(at, pick([undefined, null, 3, "x", []], rng)), isTame: false };
  if (typeof struct !== "object" || struct === null || ArrayBuffer.isView(struct) || Array.isArray(struct))
    return undefined;
  const key = pick(Object.keys(struct), rng);
  const honest = (struct as Record<string, unknown>)[key];
  let asked = 0;
  const later = ArrayBuffer.isView(honest)
    ? new Int32Array(100_000).fill(2 ** 30)
    : typeof honest === "number"
      ? 100_000
      : honest;
  const changing = Object.defineProperty({ ...struct }, key, {
    enumerable: true,
    get: () => (asked++ === 0 ? honest : later),
  });
  return { name: `changing ${key}`, args: args.with(at, changing), isTame: true };
};
