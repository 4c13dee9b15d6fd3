// Arrays for calls that an operation may take, from what its entry and a sample say.
import type { KernelArray, Operation } from "../../src/operations/operation.js";

/** Lengths of all arrays of a call with these sizes, some of their own choice; undefined where they would be too large. */
export function lengthsOf(operation: Operation, args: unknown[], rng: () => number): number[] | undefined {
  const own = Math.floor(rng() * 12);
  try {
    const arrays = operation.arraysOf(...args);
    // What follows from the length of another array is taken from the sample: such arrays keep theirs, or all take another.
    const free = operation.shapesOf(...args).map((shape) => shape === null);
    const keep = rng() < 0.5;
    if (!keep && free.some(Boolean)) {
      // Shapes are asked for again with arrays of the new length in place.
      const others = arrays.map((array, i) => (free[i] ? withLength(array, own) : array));
      const replaced = new Map(arrays.map((array, i) => [array as unknown, others[i]]));
      args = args.map((argument) => replaceIn(argument, replaced));
    }
    const shapes = operation.shapesOf(...args);
    const lengths = shapes.map((shape, i) =>
      shape ? shape.reduce((product, size) => product * size, 1) : operation.arraysOf(...args)[i].length,
    );
    return lengths.every((length) => length >= 0 && length < 20_000) ? lengths : undefined;
  } catch {
    return undefined;
  }
}

function replaceIn(argument: unknown, replaced: ReadonlyMap<unknown, unknown>): unknown {
  if (replaced.has(argument)) return replaced.get(argument);
  if (typeof argument !== "object" || argument === null || ArrayBuffer.isView(argument) || Array.isArray(argument)) {
    return argument;
  }
  return Object.fromEntries(Object.entries(argument).map(([key, value]) => [key, replaceIn(value, replaced)]));
}

function withLength(array: KernelArray, length: number): KernelArray {
  return new (array.constructor as Float32ArrayConstructor)(length) as KernelArray;
}

/**
 * An array of another length with contents as those of the sample: all the same, none negative, ascending, a permutation; else
 * anything in their range. Integers may also be a permutation, ascend, or stay in a smaller range.
 */
export function contentsLike(sample: KernelArray, length: number, rng: () => number): KernelArray {
  const array = withLength(sample, length);
  const values = [...sample];
  const same = values.every((value) => value === values[0]);
  if (same) return array.fill(values[0] ?? 0);
  if (!(sample instanceof Int32Array)) {
    const ascends = sample instanceof Float64Array && values.every((value, i) => i === 0 || value > values[i - 1]);
    if (ascends && Number.isInteger(values[0])) {
      let last = values[0] - 1;
      for (let i = 0; i < length; i++) array[i] = last += 1 + Math.floor(rng() * 3);
      return array;
    }
    const whole = sample instanceof Float64Array && values.every(Number.isInteger);
    const low = values.some((value) => value < 0) ? -1 : 0;
    for (let i = 0; i < length; i++) array[i] = whole ? Math.floor(rng() * 20) : low + rng() * (1 - low);
    return array;
  }
  const kind = rng();
  const most = Math.max(...values) + 1;
  for (let i = 0; i < length; i++) array[i] = kind < 0.6 ? Math.floor(rng() * rng() * most) : i;
  if (kind < 0.2) return array.sort();
  if (kind > 0.8) shuffle(array as Int32Array, rng);
  return array;
}

function shuffle(array: Int32Array, rng: () => number): void {
  for (let i = array.length - 1; i > 0; i--) {
    const j = Math.floor(rng() * (i + 1));
    [array[i], array[j]] = [array[j], array[i]];
  }
}
