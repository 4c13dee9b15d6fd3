import * as tf from "@tensorflow/tfjs-core";
import { authorEntropyOnArrays, authorEntropyOnTensors, klEntropyOnArrays, klEntropyOnTensors } from "knn-entropy/tfjs";
import { expect, test } from "vitest";
import { disposeWeights, fetchValues, forwardDetector } from "../../src/index.js";
import { l2Error } from "../oracle/closeness.js";
import { goldenConfig as config, goldenBatch, goldenWeights } from "../oracle/golden-model.js";
import { numberOf } from "./compare.js";

/** Neighbours are the same ones, so only float32 sums over up to 2304 positions round: 2e-7 measured. */
const TOLERANCE = 1e-6;

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
      expect(l2Error(await own.grad.data(), await exact.grad.data())).toBeLessThan(TOLERANCE);
      tf.dispose([own, exact]);
    }
    tf.dispose(pass);
    disposeWeights(weights);
  });
}
