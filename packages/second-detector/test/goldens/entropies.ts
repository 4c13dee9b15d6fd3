import * as tf from "@tensorflow/tfjs-core";
import { authorEntropyOnArrays, authorEntropyOnTensors, klEntropyOnArrays, klEntropyOnTensors } from "knn-entropy/tfjs";
import { expect, test } from "vitest";
import { disposeWeights, fetchValues, forwardDetector } from "../../src/index.js";
import { goldenConfig as config, goldenBatch, goldenWeights } from "../oracle/golden-model.js";
import { numberOf } from "./compare.js";

/** Where neighbours are the same ones, only float32 sums over up to 2304 positions round: 2e-7 measured. */
const TOLERANCE = 1e-6;

/**
 * Channels of a tap whose gradients may differ by more: where two neighbours are closer to a tie than float32 resolves, the
 * ops may pick the other one, which changes the gradients of a channel and of the two. Two such ties are allowed in a tap of
 * at least 128 channels; one was seen, in some of the roundings that TensorFlow chooses by processor.
 */
const MOST_TIED = 6;

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
      const apart = channelsApart(await own.grad.data(), await exact.grad.data(), tap.shape as number[]);
      expect(apart.length, `channels ${apart.join(", ")}`).toBeLessThanOrEqual(MOST_TIED);
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
