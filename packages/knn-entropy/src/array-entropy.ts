import * as tf from "@tensorflow/tfjs-core";
import { authorEdges, authorFromRadii, authorNeighbour } from "./author-entropy.js";
import { type Edges, edgeGradientInto } from "./edge-gradient.js";
import type { FeatureMap, MapSize } from "./feature-map.js";
import { logRadiusEdges, perDimensionFromRadii } from "./knn-entropy.js";
import { findNeighbours } from "./kth-neighbours.js";
import type { Samples } from "./samples.js";

/** A value of a map, and the edges of each image that carry its gradient. */
interface Measured {
  readonly value: number;
  readonly edges: readonly Edges[];
}

/** Kozachenko–Leonenko entropy per dimension, mean over images, on the tensor's array. */
export function klOnArrays(
  x: FeatureMap,
  size: MapSize,
  { k, floor }: { readonly k: number; readonly floor: number },
): tf.Scalar {
  return differentiable(x, size, (images) => {
    const found = images.map((samples) => findNeighbours(samples, k, "euclidean"));
    const setting = { dims: size.dims, k, norm: "euclidean", floor } as const;
    let sum = 0;
    for (const { radii } of found) sum += perDimensionFromRadii(radii, setting);
    const scale = 1 / (size.images * size.rows);
    const edges = found.map((neighbours) => logRadiusEdges(neighbours, { scale, norm: "euclidean", floor }));
    return { value: sum / size.images, edges };
  });
}

/** The published code's entropy, on the tensor's array. */
export function authorOnArrays(x: FeatureMap, size: MapSize): tf.Scalar {
  return differentiable(x, size, (images) => {
    const k = authorNeighbour(size.rows);
    if (k === 0) return { value: authorFromRadii([], size.images * size.rows).entropy, edges: [] };
    const result = authorFromRadii(
      images.map((samples) => findNeighbours(samples, k, "euclidean")),
      0,
    );
    return {
      value: result.entropy,
      edges: result.images.map((found) => authorEdges(found, 1 / (1 + result.sumOfRadii))),
    };
  });
}

/** A differentiable scalar op on the array behind a map; images are views of it, nothing is copied or transposed. */
function differentiable(x: FeatureMap, size: MapSize, measure: (images: readonly Samples[]) => Measured): tf.Scalar {
  const op = tf.customGrad((...inputs) => {
    const [map, save] = inputs as [FeatureMap, (tensors: tf.Tensor[]) => void];
    const { value, edges } = measure(imagesOf(map, size));
    save([map]);
    const gradFunc = (outGradient: tf.Tensor, [saved]: tf.Tensor[]) => {
      const gradient = new Float32Array(saved.size);
      const factor = outGradient.dataSync()[0];
      const length = size.rows * size.dims;
      imagesOf(saved as FeatureMap, size).forEach((samples, image) => {
        if (edges.length === 0) return;
        const { neighbours, weights } = edges[image];
        const scaled = { neighbours, weights: weights.map((weight) => weight * factor) };
        edgeGradientInto(samples, scaled, "euclidean", gradient.subarray(image * length, (image + 1) * length));
      });
      return tf.tensor(gradient, saved.shape, "float32");
    };
    return { value: tf.scalar(value), gradFunc };
  });
  return op(x) as tf.Scalar;
}

function imagesOf(x: FeatureMap, { images, rows, dims, order }: MapSize): Samples[] {
  const data = x.dataSync<"float32">() as Float32Array;
  const length = rows * dims;
  return Array.from({ length: images }, (_, image) => ({
    data: data.subarray(image * length, (image + 1) * length),
    rows,
    dims,
    order,
  }));
}
