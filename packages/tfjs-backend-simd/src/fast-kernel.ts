import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Kernels, kernels, loadKernels } from "simd-kernels";
import type { SimdBackend } from "./simd-backend.js";

/** What a kernel receives: named tensors, attributes as tfjs-core passes them, and the backend. */
export interface KernelCall {
  // biome-ignore lint/suspicious/noExplicitAny: tfjs names inputs and attributes per kernel, untyped.
  readonly inputs: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly attrs: any;
  readonly backend: SimdBackend;
}

/** A replacement kernel; `undefined` hands the call (another dtype or layout) to the stock kernel. */
export type FastKernel = (call: KernelCall) => TensorInfo | TensorInfo[] | undefined;

/** Replacement kernels by TensorFlow.js kernel name. */
export type FastKernels = Readonly<Record<string, FastKernel>>;

/** Below this many elements entering a native layer costs more than the loop. */
const SMALL = 256;

let plain: Kernels | undefined;

/**
 * The layer for memory-bound elementwise work: the active one, or plain TypeScript where it is faster, because the
 * array is small or because the active layer is WebAssembly, which would first copy operands into its own memory.
 * Elementwise results are rounded once per operation in every layer.
 */
export function elementwiseKernels(size: number): Kernels {
  const active = kernels();
  if (active.layer === "native" && size >= SMALL) return active;
  plain ??= loadKernels("typescript");
  return plain;
}
