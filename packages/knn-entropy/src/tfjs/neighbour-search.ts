import * as tf from "@tensorflow/tfjs-core";
import { kernels } from "simd-kernels";
import { backendKernel } from "./backend-kernel.js";
import { float64Of, float64Tensor } from "./float64-bits.js";

/** How k-th neighbours are found in float64, and how a function of their distances is differentiated. */
export interface NeighbourSearch {
  /**
   * The k-th nearest other sample of each column of a map.
   * @param x [images, .., samples]
   * @returns radii, the bits of float64 numbers [images, samples, 2] int32, and neighbours [images, samples] int32, −1 for none
   */
  readonly kthNeighbours: (x: tf.Tensor, k: number) => readonly [radii: tf.Tensor, neighbours: tf.Tensor];
  /**
   * Σ over the edges sample → neighbour of weight · (difference of the two), for the sample, and its negative for the neighbour.
   * @param edges neighbours as above, weights of them as the radii are
   * @returns the shape of x
   */
  readonly edgeGradient: (
    x: tf.Tensor,
    edges: { readonly neighbours: tf.Tensor; readonly weights: tf.Tensor },
  ) => tf.Tensor;
}

/** By the kernels `KthNeighbours` and `EdgeGradient` of the current backend, if it has them. */
export function backendSearch(): NeighbourSearch | undefined {
  const [nearest, gradient] = [backendKernel("KthNeighbours"), backendKernel("EdgeGradient")];
  if (!nearest || !gradient) return undefined;
  return {
    kthNeighbours: (x, k) => nearest({ x }, { k }) as [tf.Tensor, tf.Tensor],
    edgeGradient: (x, edges) => gradient({ x, ...edges }, {})[0],
  };
}

/** By simd-kernels on the tensors' values, for any backend that can be read synchronously. */
export const arraySearch: NeighbourSearch = {
  kthNeighbours(x, k) {
    const { images, dims, samples } = columnsOf(x);
    const radii = new Float64Array(images * samples);
    const neighbours = new Int32Array(images * samples);
    kernels().kthNeighbours(x.dataSync() as Float32Array, { radii, neighbours }, { images, dims, samples, k });
    return [float64Tensor(radii, [images, samples]), tf.tensor(neighbours, [images, samples], "int32")];
  },
  edgeGradient(x, { neighbours, weights }) {
    const out = new Float32Array(x.size);
    const [values, ends] = [x.dataSync() as Float32Array, neighbours.dataSync() as Int32Array];
    kernels().edgeGradient({ x: values, neighbours: ends, weights: float64Of(weights) }, out, columnsOf(x));
    return tf.tensor(out, x.shape, "float32");
  },
};

function columnsOf({ shape, size }: tf.Tensor): { images: number; dims: number; samples: number } {
  const [images, samples] = [shape[0], shape[shape.length - 1]];
  return { images, samples, dims: size / images / samples };
}
