import { availableParallelism } from "node:os";
import { loadNativeLayer } from "./compiled/native-layer.js";
import { loadWasmFile } from "./compiled/wasm-file.js";
import { type Kernels, type Layer, type LoadOptions, openFastest, openLayer, plainLayer } from "./kernels.js";
import { KernelsInUse } from "./kernels-in-use.js";
import type { KernelObserver } from "./observed-operations.js";

/** Thread count from the argument, the environment or the machine, in this order. */
export function resolveThreads(threads: number | undefined): number {
  const text = process.env.SIMD_KERNELS_THREADS;
  const wanted = threads ?? (text ? Number(text) : availableParallelism());
  if (!Number.isInteger(wanted) || wanted < 1) {
    const [name, value] = threads === undefined ? ["SIMD_KERNELS_THREADS", text] : ["threads", threads];
    throw new RangeError(`loadKernels: expected an integer of at least 1 for ${name}, got ${String(value)}`);
  }
  return Math.min(wanted, 256);
}

/**
 * Load one particular layer.
 * @param layer which one
 * @throws Error with the reason if the layer cannot run here, RangeError for an unknown layer or thread count
 */
export function loadKernels(layer: Layer, options: LoadOptions = {}): Kernels {
  const threads = resolveThreads(options.threads);
  return openLayer(layer, () => {
    if (layer === "native") return loadNativeLayer(threads, options.instructionSet ?? namedInstructionSet());
    return layer === "wasm" ? loadWasmFile(options.instructionSet) : plainLayer;
  });
}

/** What `SIMD_KERNELS_INSTRUCTION_SET` says, if anything. */
function namedInstructionSet(): string | undefined {
  return process.env.SIMD_KERNELS_INSTRUCTION_SET || undefined;
}

const inUse = new KernelsInUse(() => {
  const threads = resolveThreads(undefined); // here, where a wrong number is no reason to try the next layer
  // Who names an instruction set wants its bits, not those of another layer.
  const forced = process.env.SIMD_KERNELS_LAYER || (namedInstructionSet() && "native");
  return forced ? loadKernels(forced as Layer, { threads }) : openFastest((layer) => loadKernels(layer, { threads }));
});

/**
 * The kernels in use in this process, chosen at the first call and kept: native, else WebAssembly, else TypeScript.
 * `SIMD_KERNELS_LAYER` forces a layer, `SIMD_KERNELS_INSTRUCTION_SET` the native one with an instruction set other than the
 * best; `SIMD_KERNELS_THREADS` sets the number of threads.
 *
 * In a browser: WebAssembly, else TypeScript, once `await prepareKernels()` has loaded them; an Error before.
 * @throws Error with the reason if the forced layer cannot run here
 */
export function kernels(): Kernels {
  return inUse.get();
}

/**
 * Loads what {@link kernels} will return. A browser, where files load asynchronously, has to wait for it once; in Node
 * there is nothing to wait for, so that the same program runs in both.
 * @throws Error with the reason if the forced layer cannot run here
 */
export async function prepareKernels(): Promise<Kernels> {
  return kernels();
}

/**
 * Puts an observer around every operation of the object that {@link kernels} returns from now on, such as a profiler's
 * stopwatch; `undefined` takes it away. Without one nothing stands in the way of a call. An object that was returned
 * before stays as it was, and layers from {@link loadKernels} are never observed.
 * @throws Error as {@link kernels}
 */
export function observeKernels(observer: KernelObserver | undefined): void {
  inUse.observe(observer);
}
