import { availableParallelism } from "node:os";
import { findOutside } from "./check-arguments.js";
import { checkedOperations } from "./checked-operations.js";
import { type LoadedLayer, loadNativeLayer } from "./compiled/native-layer.js";
import { loadWasmLayer } from "./compiled/wasm-layer.js";
import { type KernelObserver, observedOperations } from "./observed-operations.js";
import type { Operations } from "./operations.js";
import { typescriptLayer } from "./typescript/typescript-layer.js";

/** An implementation of the operations, fastest first: C++ addon, the same C++ as WebAssembly, plain TypeScript. */
export type Layer = "native" | "wasm" | "typescript";

/** The operations of one loaded layer, and what it is. */
export interface Kernels extends Operations {
  readonly layer: Layer;
  /** what the inner loops use: `avx512`, `avx2`, `sse2`, `neon`, `simd128` or `none` */
  readonly instructionSet: string;
  /** threads that share an operation */
  readonly threads: number;
  /** faster layers that could not be used, and why */
  readonly unavailable: readonly { readonly layer: Layer; readonly reason: string }[];
}

/** Settings of {@link loadKernels}. */
export interface LoadOptions {
  /** threads for the native layer; default `SIMD_KERNELS_THREADS`, else the processors available */
  readonly threads?: number;
  /** for the native layer: `avx512`, `avx2`, `sse2` or `neon`; default the best of this processor */
  readonly instructionSet?: string;
}

const layers: readonly Layer[] = ["native", "wasm", "typescript"];

/** Thread count from the argument, the environment or the machine, in this order. */
export function resolveThreads(threads: number | undefined): number {
  const text = process.env.SIMD_KERNELS_THREADS;
  const wanted = threads ?? (text ? Number(text) : availableParallelism());
  if (!Number.isInteger(wanted) || wanted < 1) {
    const name = threads === undefined ? "SIMD_KERNELS_THREADS" : "threads";
    throw new RangeError(`loadKernels: expected an integer of at least 1 for ${name}, got ${text ?? threads}`);
  }
  return Math.min(wanted, 256);
}

/**
 * Load one particular layer.
 * @param layer which one
 * @throws Error with the reason if the layer cannot run here, RangeError for an unknown layer or thread count
 */
export function loadKernels(layer: Layer, options: LoadOptions = {}): Kernels {
  if (!layers.includes(layer)) {
    throw new RangeError(`loadKernels: expected one of ${layers.join(", ")} for layer, got ${String(layer)}`);
  }
  const threads = resolveThreads(options.threads);
  let loaded: LoadedLayer;
  try {
    if (layer === "native") loaded = loadNativeLayer(threads, options.instructionSet);
    else if (layer === "wasm") loaded = loadWasmLayer();
    else loaded = { operations: typescriptLayer, findOutside, instructionSet: "none", threads: 1 };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`loadKernels: the ${layer} layer is not available: ${reason}`, { cause: error });
  }
  const operations = checkedOperations(loaded.operations, loaded.findOutside);
  return { layer, instructionSet: loaded.instructionSet, threads: loaded.threads, unavailable: [], ...operations };
}

/** The fastest layer that loads, or the one that `SIMD_KERNELS_LAYER` forces. */
function loadBest(): Kernels {
  const forced = process.env.SIMD_KERNELS_LAYER;
  if (forced) return loadKernels(forced as Layer);
  const unavailable: { layer: Layer; reason: string }[] = [];
  for (const layer of layers) {
    try {
      return { ...loadKernels(layer), unavailable };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      unavailable.push({ layer, reason: cause instanceof Error ? cause.message : String(cause) });
    }
  }
  throw new Error("internal: the TypeScript layer did not load");
}

let active: Kernels | undefined;
let inUse: Kernels | undefined;

/**
 * The kernels in use in this process, chosen at the first call and kept: native, else WebAssembly, else TypeScript.
 * `SIMD_KERNELS_LAYER` forces a layer; `SIMD_KERNELS_THREADS` sets the number of threads.
 * @throws Error with the reason if the forced layer cannot run here
 */
export function kernels(): Kernels {
  inUse ??= active = loadBest();
  return inUse;
}

/**
 * Puts an observer around every operation of the object that {@link kernels} returns from now on, such as a profiler's
 * stopwatch; `undefined` takes it away. Without one nothing stands in the way of a call. An object that was returned
 * before stays as it was, and layers from {@link loadKernels} are never observed.
 * @throws Error as {@link kernels}
 */
export function observeKernels(observer: KernelObserver | undefined): void {
  active ??= loadBest();
  inUse = observer ? { ...active, ...observedOperations(active, observer) } : active;
}
