import * as tf from "@tensorflow/tfjs-core";
import { kernels } from "simd-kernels";
import { authorEdges, authorFromRadii, authorNeighbour } from "../estimators/author-entropy.js";
import { logRadiusEdges, perDimensionFromRadii } from "../estimators/kl-entropy.js";
import { type Edges, edgeGradientInto } from "../neighbours/edge-gradient.js";
import { findMapNeighbours } from "../neighbours/kth-neighbours.js";
import type { FeatureMap, MapSize } from "./feature-map.js";
import { newArray, valuesOf } from "./tensor-values.js";

/** A value of a map, and how to get the edges of each image that carry its gradient; none if it has no gradient. */
interface Measured {
  readonly value: number;
  readonly edges: () => readonly Edges[];
}

/** Kozachenko–Leonenko entropy per dimension, mean over images, on the tensor's array. */
export function klOnArrays(
  x: FeatureMap,
  size: MapSize,
  { k, floor }: { readonly k: number; readonly floor: number },
): tf.Scalar {
  return differentiable(x, size, (data) => {
    const found = findMapNeighbours(data, size, k);
    const setting = { dims: size.dims, k, norm: "euclidean", floor } as const;
    let sum = 0;
    for (const { radii } of found) sum += perDimensionFromRadii(radii, setting);
    const scale = 1 / (size.images * size.rows);
    return {
      value: sum / size.images,
      edges: () => found.map((neighbours) => logRadiusEdges(neighbours, { scale, norm: "euclidean", floor })),
    };
  });
}

/** The published code's entropy, on the tensor's array. */
export function authorOnArrays(x: FeatureMap, size: MapSize): tf.Scalar {
  return differentiable(x, size, (data) => {
    const k = authorNeighbour(size.rows);
    if (k === 0) return { value: authorFromRadii([], size.images * size.rows).entropy, edges: () => [] };
    const result = authorFromRadii(findMapNeighbours(data, size, k), 0);
    return {
      value: result.entropy,
      edges: () => result.images.map((found) => authorEdges(found, 1 / (1 + result.sumOfRadii))),
    };
  });
}

/** A differentiable scalar op on the array behind a map; nothing is copied or transposed. */
function differentiable(x: FeatureMap, size: MapSize, measure: (data: Float32Array) => Measured): tf.Scalar {
  const op = tf.customGrad((...inputs) => {
    const [map, save] = inputs as [FeatureMap, (tensors: tf.Tensor[]) => void];
    const { value, edges } = measure(valuesOf(map));
    save([map]);
    const gradFunc = (outGradient: tf.Tensor, [saved]: tf.Tensor[]) => {
      const factor = outGradient.dataSync()[0];
      const scaled = edges().map(({ neighbours, weights }) => ({
        neighbours,
        weights: weights.map((w) => w * factor),
      }));
      const gradient = newArray(saved.size);
      mapGradientInto(valuesOf(saved), size, scaled, gradient);
      return tf.tensor(gradient, saved.shape, "float32");
    };
    return { value: tf.scalar(value), gradFunc };
  });
  return op(x) as tf.Scalar;
}

/** Gradient of all images; zero without edges. */
function mapGradientInto(data: Float32Array, size: MapSize, edges: readonly Edges[], out: Float32Array): void {
  const { images, rows, dims, order } = size;
  if (edges.length === 0) {
    out.fill(0);
  } else if (order === "columns") {
    const neighbours = new Int32Array(images * rows);
    const weights = new Float64Array(images * rows);
    edges.forEach((own, image) => {
      neighbours.set(own.neighbours, image * rows);
      weights.set(own.weights, image * rows);
    });
    kernels().edgeGradient({ x: data, neighbours, weights }, out, { images, dims, samples: rows });
  } else {
    const length = rows * dims;
    edges.forEach((own, image) => {
      const part = (array: Float32Array) => array.subarray(image * length, (image + 1) * length);
      edgeGradientInto({ data: part(data), rows, dims, order }, own, "euclidean", part(out));
    });
  }
}
