/** Arrays that every MPI library has a type for. */
export type NumberArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** What all-reduce does with the elements of one place. */
export type Reduction = "sum" | "min" | "max";

/**
 * The ranks of a job. Every rank must ask for the same collectives in the same order with arrays of one kind and length; they run
 * one after the other, off the main thread. What is passed is copied at once and may be changed after the call; what comes back
 * is a new array. A promise is rejected with what the MPI library reports.
 */
export interface Communicator {
  /** of this process, 0 .. size − 1 */
  readonly rank: number;
  readonly size: number;
  /** what the MPI library calls itself */
  readonly library: string;
  /** whose binary interface it has; `none` without a library */
  readonly interface: "open-mpi" | "mpich" | "standard" | "none";
  /** The array of the rank `root`, default 0, on every rank. */
  broadcast<T extends NumberArray>(values: T, root?: number): Promise<T>;
  /** For each place the sum (default), least or greatest of all ranks' elements, in the library's order. */
  allReduce<T extends NumberArray>(values: T, reduction?: Reduction): Promise<T>;
  /** The arrays of all ranks, one after the other: [size · n]. */
  allGather<T extends NumberArray>(values: T): Promise<T>;
  /** Block r of every rank, in the order of ranks, on rank r: both arrays are [size · n]. */
  allToAll<T extends NumberArray>(values: T): Promise<T>;
  /** Waits until every rank has come here. */
  barrier(): Promise<void>;
  /** Ends every rank of the job at once, with an exit status; what else is under way is lost. */
  abort(status?: number): never;
  /** Takes leave of the others, after all that was asked for; whoever ends without it is taken for failed. */
  close(): Promise<void>;
}

const ARRAYS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

/** A new array of the same kind, in memory of its own. By the species: a Buffer's own constructor is deprecated. */
export function arrayLike<T extends NumberArray>(values: T, length: number): T {
  const { [Symbol.species]: Kind } = values.constructor as unknown as { [Symbol.species]: new (length: number) => T };
  return new Kind(length);
}

/** Elements that one collective can move: MPI counts with a C int. */
export const MOST_ELEMENTS = 2 ** 31 - 1;

/** @throws TypeError, RangeError */
export function checkArray(call: string, values: NumberArray): void {
  if (!ARRAYS.some((kind) => values instanceof kind)) {
    throw new TypeError(`${call}: expected a typed array for values, got ${describe(values)}`);
  }
  if (values.length > MOST_ELEMENTS) {
    throw new RangeError(`${call}: expected at most ${MOST_ELEMENTS} elements for values, got ${values.length}`);
  }
}

/** @throws RangeError */
export function checkRoot(root: number, size: number): void {
  if (!Number.isInteger(root) || root < 0 || root >= size) {
    throw new RangeError(`broadcast: expected a rank from 0 to ${size - 1} for root, got ${root}`);
  }
}

export const REDUCTIONS: readonly Reduction[] = ["sum", "min", "max"];

/** @throws RangeError */
export function checkReduction(reduction: Reduction): void {
  if (!REDUCTIONS.includes(reduction)) {
    throw new RangeError(`allReduce: expected one of ${REDUCTIONS.join(", ")} for reduction, got ${reduction}`);
  }
}

/** @throws RangeError */
export function checkBlocks(values: NumberArray, size: number): void {
  if (values.length % size !== 0) {
    throw new RangeError(
      `allToAll: expected a block for each of ${size} ranks in values, got ${values.length} elements`,
    );
  }
}

function describe(value: unknown): string {
  return value === null || typeof value !== "object" ? typeof value : (value.constructor?.name ?? "an object");
}
