import { compiledOperations, forOperations, type Operations } from "../operations/index.js";
import {
  type AnyRun,
  type ArrayParameter,
  type KernelArray,
  listSizes,
  type Size,
  type SizeValue,
} from "../operations/operation.js";

/** How compiled code gets an operation: the place of its name in the list is its code, sizes are float64 numbers in a row. */
export interface CompiledOperation {
  readonly name: string;
  readonly code: number;
  readonly arrays: readonly ArrayParameter[];
  readonly sizes: readonly Size[];
  /** which of `sizes` says whether array i is read; -1 for none */
  readonly flags: readonly number[];
}

/** Runs one compiled kernel; throws Error when it runs out of memory. */
export type Invoke = (
  operation: CompiledOperation,
  arrays: readonly KernelArray[],
  sizes: readonly SizeValue[],
) => void;

function compiled(name: string): CompiledOperation {
  const operation = compiledOperations[name];
  const code = Object.keys(compiledOperations).indexOf(name);
  const arrays = Object.values(operation.arrays);
  const sizes = listSizes(operation.sizes);
  const flags = arrays.map(({ updatedIf }) => sizes.findIndex(([size]) => size === updatedIf));
  return { name, code, arrays, sizes: sizes.map(([, size]) => size), flags };
}

const all = Object.keys(compiledOperations).map(compiled);

/** The most arrays that an operation has. */
export const mostArrays = Math.max(...all.map(({ arrays }) => arrays.length));

/** The most numbers that the sizes of an operation take. */
export const mostSizes = Math.max(
  ...all.map(({ sizes }) => sizes.reduce((sum, { kind }) => sum + (kind === "triple" ? 3 : 1), 0)),
);

/** Writes the sizes of a call into `room`, which has `mostSizes` entries. */
export function fillSizes({ sizes }: CompiledOperation, values: readonly SizeValue[], room: Float64Array): void {
  let at = 0;
  for (let i = 0; i < sizes.length; i++) {
    const size = sizes[i];
    const value = values[i];
    if (size.kind === "flag") room[at++] = value ? 1 : 0;
    else if (size.kind === "choice") room[at++] = size.names.indexOf(value as string);
    else if (size.kind === "triple") {
      for (let axis = 0; axis < 3; axis++) room[at++] = (value as readonly number[])[axis];
    } else room[at++] = value as number;
  }
}

/** Whether the operation reads what array i of a call holds. */
export function isRead({ arrays, flags }: CompiledOperation, i: number, sizes: readonly SizeValue[]): boolean {
  const { access } = arrays[i];
  return access === "input" || (access === "updated" && (flags[i] < 0 || Boolean(sizes[flags[i]])));
}

/** A function that runs one operation of {@link compiledOperations}; it takes the lists of arrays and sizes from who has them. */
export function compiledOperation(name: string, invoke: Invoke): AnyRun {
  const operation = compiled(name);
  const { arraysOf, sizesOf } = compiledOperations[name];
  return (first, second, third, fourth, arrays?: readonly KernelArray[], sizes?: readonly SizeValue[]) =>
    invoke(operation, arrays ?? arraysOf(first, second, third, fourth), sizes ?? sizesOf(first, second, third, fourth));
}

/** The operations over one way to run compiled kernels: what the native and the WebAssembly layer share. */
export function compiledLayer(invoke: Invoke): Operations {
  return forOperations((name) => compiledOperation(name, invoke));
}

/** Turns the status that a kernel returns into an error (native/core.h). */
export function checkStatus(status: number, { name }: CompiledOperation): void {
  if (status < 0) throw new Error(`internal: array ${-1 - status} of ${name} is not what was checked`);
  if (status === 1) throw new Error(`${name}: out of memory for the working space`);
  if (status !== 0) throw new Error(`internal: ${name} returned ${status}`);
}
