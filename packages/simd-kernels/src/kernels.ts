import { type FindOutside, findOutside } from "./check-arguments.js";
import { checkedOperations } from "./checked-operations.js";
import { forOperations, type Operations } from "./operations/index.js";

/** An implementation of the operations, fastest first: C++ addon, the same C++ as WebAssembly, plain TypeScript. */
export type Layer = "native" | "wasm" | "typescript";

/** The operations of one loaded layer, and what it is. */
export interface Kernels extends Operations {
  readonly layer: Layer;
  /** what the inner loops use: `avx512bf16`, `avx512`, `avx2`, `sse2`, `amx`, `neon`, `simd128`, `simd128fma` or `none` */
  readonly instructionSet: string;
  /**
   * whether products of `bfloat16` are faster than those of `float32`, as they have instructions of their own here. Where they
   * have none they give the bits of `avx512bf16` in more time
   */
  readonly multipliesBfloat16: boolean;
  /** threads that share an operation */
  readonly threads: number;
  /**
   * An array of zeros where this layer's operations are fastest: the native layer's starts on a cache line of 64 bytes, of
   * which every vector of another array touches two. The array may be a part of its buffer; operations take any array.
   * @throws RangeError for a length that is not a whole number of at least 0, or that this engine cannot give
   */
  createArray(length: number): Float32Array;
  /** faster layers that could not be used, and why */
  readonly unavailable: readonly { readonly layer: Layer; readonly reason: string }[];
}

/** Settings of `loadKernels`. */
export interface LoadOptions {
  /** threads for the native layer; default `SIMD_KERNELS_THREADS`, else the processors available */
  readonly threads?: number;
  /**
   * for the native layer: `avx512bf16`, `avx512`, `avx2`, `sse2` or `neon`; default `SIMD_KERNELS_INSTRUCTION_SET`, else the best of this
   * processor. `amx` by name alone: it has never run on such a processor. For `wasm`: `simd128`, the default, or `simd128fma`, what
   * browsers take where they can
   */
  readonly instructionSet?: string;
}

/** A loaded layer before its arguments are checked. */
export interface LoadedLayer {
  readonly operations: Operations;
  readonly findOutside: FindOutside;
  /** see {@link Kernels.createArray}; the length is a whole number */
  readonly createArray: (length: number) => Float32Array;
  readonly instructionSet: string;
  readonly multipliesBfloat16: boolean;
  readonly threads: number;
}

/** All layers, fastest first. */
export const layers: readonly Layer[] = ["native", "wasm", "typescript"];

/** What layers do that gain nothing by an array's place in memory. */
export const anyPlace = (length: number): Float32Array => new Float32Array(length);

/** The layer that is always there. */
export const plainLayer: LoadedLayer = {
  operations: forOperations((_, { plain }) => plain),
  findOutside,
  createArray: anyPlace,
  instructionSet: "none",
  multipliesBfloat16: false,
  threads: 1,
};

/**
 * The layer that `load` gives, behind the checks of its arguments.
 * @throws RangeError for an unknown layer, Error with the reason if it cannot load
 */
export function openLayer(layer: Layer, load: (layer: Layer) => LoadedLayer): Kernels {
  if (!layers.includes(layer)) {
    throw new RangeError(`loadKernels: expected one of ${layers.join(", ")} for layer, got ${String(layer)}`);
  }
  let loaded: LoadedLayer;
  try {
    loaded = load(layer);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`loadKernels: the ${layer} layer is not available: ${reason}`, { cause: error });
  }
  const { instructionSet, multipliesBfloat16, threads } = loaded;
  const createArray = (length: number) => {
    if (!Number.isInteger(length) || length < 0) {
      throw new RangeError(`createArray: expected a whole number of at least 0 for length, got ${length}`);
    }
    return loaded.createArray(length);
  };
  const operations = checkedOperations(loaded.operations, loaded.findOutside);
  return { layer, instructionSet, multipliesBfloat16, threads, createArray, unavailable: [], ...operations };
}

/** The fastest layer that `load` opens, with the reasons why faster ones do not. */
export function openFastest(load: (layer: Layer) => Kernels): Kernels {
  const unavailable: { layer: Layer; reason: string }[] = [];
  for (const layer of layers) {
    try {
      return { ...load(layer), unavailable };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      unavailable.push({ layer, reason: cause instanceof Error ? cause.message : String(cause) });
    }
  }
  throw new Error("internal: the TypeScript layer did not load");
}
