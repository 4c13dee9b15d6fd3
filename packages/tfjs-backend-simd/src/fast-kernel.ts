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

/** Below this many elements entering a compiled layer costs more than a loop in JavaScript. */
const SMALL = 256;

let plain: Kernels | undefined;

/**
 * The layer for elementwise work and reductions on `size` elements: the active one, or plain TypeScript for little ones.
 * Results do not depend on the choice beyond float32 rounding, and the choice depends on nothing but the size.
 */
export function kernelsFor(size: number): Kernels {
  if (size >= SMALL) return kernels();
  plain ??= loadKernels("typescript");
  return plain;
}
