import { kernels, type Layer } from "simd-kernels";
import { type KernelCount, kernelCounts } from "./kernel-counts.js";

/** Kernels that only relabel a tensor or fill one: a replacement could not be faster than the stock implementation. */
const asFastAsCan = ["Identity", "Reshape", "ExpandDims", "Fill", "ZerosLike", "OnesLike"];

/** What the backend runs on, and which kernels it had to leave to the stock implementation. */
export interface SimdReport {
  /** the layer of simd-kernels in use */
  readonly layer: Layer;
  /** the instruction set that the layer chose, such as `avx2` */
  readonly instructionSet: string;
  /** threads that share a large operation */
  readonly threads: number;
  /** faster layers that could not load, each with its reason */
  readonly unavailable: readonly { readonly layer: Layer; readonly reason: string }[];
  /** calls per kernel since the start or the last `resetKernelCounts()` */
  readonly kernels: Readonly<Record<string, KernelCount>>;
  /** kernels with calls on the stock implementation, most calls first, without those that only relabel or fill */
  readonly stockKernels: readonly string[];
}

/** The state of the backend, for logs and benchmarks. Calls made inside a stock kernel are not counted. */
export function simdReport(): SimdReport {
  const { layer, instructionSet, threads, unavailable } = kernels();
  const calls = kernelCounts();
  const stockKernels = Object.keys(calls)
    .filter((name) => calls[name].stock > 0 && !asFastAsCan.includes(name))
    .sort((a, b) => calls[b].stock - calls[a].stock);
  return { layer, instructionSet, threads, unavailable, kernels: calls, stockKernels };
}
