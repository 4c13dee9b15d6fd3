import * as tf from "@tensorflow/tfjs-core";
import { authorSumOfRadii, authorWeights } from "../estimators/author-entropy.js";
import { perDimensionFromRadii } from "../estimators/kl-entropy.js";
import { logRadiusWeights } from "../neighbours/log-radius-gradient.js";
import type { FeatureMap, MapSize } from "./feature-map.js";
import { float64Of, float64Tensor } from "./float64-bits.js";
import type { NeighbourSearch } from "./neighbour-search.js";

/** A function of the radii [images, samples] of a map. */
interface RadiusFunction {
  readonly value: number;
  /** [images, samples] its derivative by each radius, divided by the radius */
  readonly weights: () => Float64Array;
}

/** Kozachenko–Leonenko entropy per dimension, mean over images: float64 from the radii to H, which is rounded once. */
export function klByNeighbours(
  x: FeatureMap,
  { images, rows, dims }: MapSize,
  { k, floor, search }: { readonly k: number; readonly floor: number; readonly search: NeighbourSearch },
): tf.Scalar {
  return differentiable(x, { k, search }, (radii) => {
    let sum = 0;
    for (let image = 0; image < images; image++) {
      const own = radii.subarray(image * rows, (image + 1) * rows);
      sum += perDimensionFromRadii(own, { dims, k, norm: "euclidean", floor });
    }
    const scale = 1 / (images * rows);
    return { value: sum / images, weights: () => logRadiusWeights(radii, { scale, norm: "euclidean", floor }) };
  });
}

/** The published code's entropy, likewise. */
export function authorByNeighbours(
  x: FeatureMap,
  options: { readonly k: number; readonly search: NeighbourSearch },
): tf.Scalar {
  return differentiable(x, options, (radii) => {
    const sum = authorSumOfRadii([radii]);
    return { value: Math.log1p(sum), weights: () => authorWeights(radii, 1 / (1 + sum)) };
  });
}

/** A scalar function of the distances to the k-th neighbours, with its gradient through them. */
function differentiable(
  x: FeatureMap,
  { k, search }: { readonly k: number; readonly search: NeighbourSearch },
  measure: (radii: Float64Array) => RadiusFunction,
): tf.Scalar {
  const op = tf.customGrad((...inputs) => {
    const [map, save] = inputs as [FeatureMap, tf.GradSaveFunc];
    const columns = turned(map);
    const [radii, neighbours] = search.kthNeighbours(columns, k);
    const { value, weights } = measure(float64Of(radii));
    save([columns, neighbours]);
    const gradFunc = (outGradient: tf.Tensor, saved: tf.Tensor[]) => {
      const factor = outGradient.dataSync()[0];
      const scaled = weights().map((weight) => weight * factor);
      const edges = { neighbours: saved[1], weights: float64Tensor(scaled, saved[1].shape) };
      return turned(search.edgeGradient(saved[0], edges));
    };
    return { value: tf.scalar(value), gradFunc };
  });
  return op(x) as tf.Scalar;
}

/** Samples in rows [B, N, D] as columns [B, D, N], or back; those of a channels-last map are columns as they lie. */
function turned(x: tf.Tensor): tf.Tensor {
  return x.rank === 3 ? tf.transpose(x, [0, 2, 1]) : x;
}
