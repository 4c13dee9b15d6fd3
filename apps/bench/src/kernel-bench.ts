import type { Kernels, Precision } from "simd-kernels";

/** What a kernel has to do, however it does it: operations (a multiply-add is two), or bytes read and written. */
export type Work = { readonly flop: number } | { readonly bytes: number };

/** One row of the table. */
export interface KernelBench {
  /** operation and sizes, such as `gemm 20000×64×64` */
  readonly name: string;
  /** threads of the native layer; the others have one */
  readonly threads: "one" | "all";
  readonly work: Work;
  /** of products; `bfloat16` runs on layers with instructions for it alone, and is compared with their peak; default `float32` */
  readonly precision?: Precision;
  /** percent of the machine's limit that a layer should reach */
  readonly goals?: { readonly native?: number; readonly wasm?: number };
  /** Makes the inputs: the same for every call, in new arrays. */
  readonly prepare: (arrays: Arrays) => PreparedKernel;
}

/** What a kernel writes. */
export type KernelResult = Float32Array | Int32Array;

/** A kernel with its inputs. */
export interface PreparedKernel {
  readonly run: (kernels: Kernels) => void;
  /** what `run` writes; after the first run it must be the same on every layer, but for rounding */
  readonly out: KernelResult;
}

/** Where inputs and results come from: arrays as the layer likes them, which are those of the engine's tensors. */
export interface Arrays {
  /** values in −1..1 */
  random(length: number): Float32Array;
  zeros(length: number): Float32Array;
}

/**
 * Rows of one family. `size` shrinks a number of rows or pixels in quick runs, and leaves it else. Products are taken in
 * `precision`, default `float32`.
 */
export type KernelFamily = (size: (full: number) => number, precision?: Precision) => KernelBench[];

/** What the name of a row says of its precision. */
export const inPrecision = (name: string, precision: Precision | undefined): string =>
  precision === "bfloat16" ? `${name} of bfloat16` : name;
