import * as tf from "@tensorflow/tfjs-core";
import { authorEntropyOnArrays, authorEntropyOnTensors, klEntropyOnArrays, klEntropyOnTensors } from "knn-entropy/tfjs";
import { expect, test } from "vitest";
import { disposeWeights, fetchValues, forwardDetector } from "../../src/index.js";
import { numberOf } from "./compare.js";
import { goldenConfig as config, goldenBatch, goldenWeights } from "./golden-model.js";

/** Where neighbours are the same ones, only float32 sums over up to 2304 positions round: 2e-7 measured. */
const TOLERANCE = 1e-6;

/**
 * Two squared distances from a channel are tied where they differ by less than this share of the squared norms: what the
 * rounding of float32 products can turn around. Then the ops may pick the other neighbour.
 */
const TIE = 1e-6;

const ESTIMATORS = {
  kl: { onTensors: klEntropyOnTensors, onArrays: klEntropyOnArrays },
  author: { onTensors: authorEntropyOnTensors, onArrays: authorEntropyOnArrays },
};

/**
 * The entropy of every tap and its gradient by the backend's own ops, against float64 arithmetic on the same values. The
 * goldens' entropy gradients cannot be met more closely than a k-th neighbour that changes with the taps' rounding allows;
 * this can.
 */
export function entropyCases(): void {
  test.each(["kl", "author"] as const)("entropy (%s) of every tap and its gradient", async (estimator) => {
    const { onTensors, onArrays } = ESTIMATORS[estimator];
    const weights = goldenWeights();
    const pass = forwardDetector(weights, goldenBatch(), { config, training: true });
    for (const tap of pass.taps.flat()) {
      await fetchValues([tap]);
      const [own, exact] = [onTensors, onArrays].map((entropy) =>
        tf.valueAndGrad((x: tf.Tensor) => entropy(x as tf.Tensor4D))(tap),
      );
      expect(Math.abs((await numberOf(own.value)) / (await numberOf(exact.value)) - 1)).toBeLessThan(TOLERANCE);
      const shape = tap.shape as number[];
      const apart = channelsApart(await own.grad.data(), await exact.grad.data(), shape);
      if (apart.length > 0) {
        const tied = tiedChannels(await tap.data(), shape);
        expect(apart.filter((channel) => !tied.has(channel))).toEqual([]);
      }
      tf.dispose([own, exact]);
    }
    tf.dispose(pass);
    disposeWeights(weights);
  });
}

/** Channels, counted through the images, whose values differ by more than the tolerance times the norm of all. */
function channelsApart(own: ArrayLike<number>, exact: ArrayLike<number>, [images, , , channels]: number[]): number[] {
  const errors = new Float64Array(images * channels);
  const perImage = exact.length / images;
  let norm = 0;
  for (let i = 0; i < exact.length; i++) {
    norm += exact[i] ** 2;
    errors[Math.floor(i / perImage) * channels + (i % channels)] += (own[i] - exact[i]) ** 2;
  }
  return Array.from(errors.keys()).filter((channel) => !(errors[channel] <= TOLERANCE ** 2 * norm));
}

/** Channels, counted likewise, with another gradient if one of two tied k-th neighbours is taken for the other. */
function tiedChannels(map: ArrayLike<number>, [images, height, width, channels]: number[]): Set<number> {
  const k = Math.floor(channels / 10);
  const pixels = height * width;
  const tied = new Set<number>();
  for (let image = 0; image < images; image++) {
    const centred = centredChannels(map, image * pixels * channels, pixels, channels);
    for (let i = 0; i < channels; i++) {
      const distances = centred
        .map((other, j) => ({ j, squared: squaredDistance(centred[i], other), norms: norm(centred[i]) + norm(other) }))
        .filter(({ j }) => j !== i)
        .sort((a, b) => a.squared - b.squared);
      const kth = distances[k - 1];
      for (const other of [distances[k - 2], distances[k]]) {
        if (other === undefined || Math.abs(other.squared - kth.squared) > TIE * Math.max(kth.norms, other.norms))
          continue;
        for (const channel of [i, kth.j, other.j]) tied.add(image * channels + channel);
      }
    }
  }
  return tied;
}

/** Rows of an image's channels, minus the mean channel, in float64. */
function centredChannels(map: ArrayLike<number>, start: number, pixels: number, channels: number): Float64Array[] {
  const rows = Array.from({ length: channels }, () => new Float64Array(pixels));
  for (let p = 0; p < pixels; p++) {
    let mean = 0;
    for (let c = 0; c < channels; c++) mean += map[start + p * channels + c] / channels;
    for (let c = 0; c < channels; c++) rows[c][p] = map[start + p * channels + c] - mean;
  }
  return rows;
}

const squaredDistance = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0);
const norm = (a: Float64Array) => a.reduce((sum, v) => sum + v * v, 0);
