import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectGradient, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, it } from "vitest";
import { type EntropyLossOptions, entropyLoss } from "../src/index.js";
import { type LoopOptions, loopLoss } from "./oracle/loop-loss.js";

const [images, side, depth, tapsPerBlock] = [2, 2, 12, 4];
const rng = seededRandom(21);
const blocks = Array.from({ length: 2 }, () =>
  Array.from({ length: tapsPerBlock }, () =>
    Array.from({ length: images * side * side * depth }, () => Math.fround(rng() * (1 + rng()))),
  ),
);
/** Small, so that no number is this close to a change of neighbours; float64 leaves 1e-9 of the slope. */
const SMALL_STEP = { step: 1e-7, every: 5 };
/** Gradients are 1e-3 to 1e-1; float32 differences of entropies near 1 are good to 1e-6. */
const GRADIENT = { absolute: 2e-6, relative: 1e-4 };
const all = (length: number) => Array.from({ length }, (_, i) => i);
const plain: LoopOptions = {
  estimator: "kl",
  k: 1,
  variance: "biased",
  l1Weight: 1,
  l2: "none",
  l2Weight: 1,
  coverage: [0, 1],
  channels: all(depth),
  positions: all(side * side),
};

/** Name, options of the loss, and the same said to the oracle. */
const cases: [string, EntropyLossOptions, Partial<LoopOptions>][] = (["kl", "author"] as const).flatMap((estimator) => [
  ...(["none", "neg_square", "neg_abs", "hinge"] as const).map(
    (l2): [string, EntropyLossOptions, Partial<LoopOptions>] => [
      `${estimator}, l2 ${l2}`,
      { estimator, l2, l1Weight: 0.7, l2Weight: 0.3 },
      { estimator, l2, l1Weight: 0.7, l2Weight: 0.3 },
    ],
  ),
  [`${estimator}, unbiased`, { estimator, variance: "unbiased" }, { estimator, variance: "unbiased" }],
  [`${estimator}, second block only`, { estimator, coverage: [1] }, { estimator, coverage: [1] }],
  [
    `${estimator}, 10 of 12 channels and 3 of 4 positions`,
    { estimator, subsample: { channels: 10, positions: 3 } },
    { estimator, channels: [0, 1, 2, 3, 4, 6, 7, 8, 9, 10], positions: [0, 1, 2] },
  ],
]);
cases.push(["kl, third neighbour", { k: 3 }, { k: 3 }]);

describe.each(["cpu", "simd"])("loss and gradient against float64 loops on %s", (backend) => {
  beforeAll(async () => {
    registerSimdBackend();
    await tf.setBackend(backend);
  });

  it.each(cases)("%s", (_, options, loop) => {
    const oracle = { ...plain, ...loop };
    const tensors = blocks.flat().map((tap) => tf.tensor4d(tap, [images, side, side, depth]));
    // a block that is not covered has no gradient at all, which tf.grads refuses: nought times its sum has one, of zeros
    const lossOf = (...taps: tf.Tensor[]) => {
      const halves = [taps.slice(0, tapsPerBlock), taps.slice(tapsPerBlock)] as tf.Tensor4D[][];
      return tf.add(entropyLoss(halves, options).loss, tf.mul(0, tf.sum(tf.addN(taps)))) as tf.Scalar;
    };
    const expected = loopLoss(blocks, images, depth, oracle);
    // entropies are float32 of size 1 and the loss is made of their differences
    expect(Math.abs(lossOf(...tensors).dataSync()[0] - expected)).toBeLessThan(2e-6 * (1 + Math.abs(expected)));

    const gradients = tf
      .grads(lossOf)(tensors)
      .map((gradient) => gradient.dataSync());
    blocks.flat().forEach((tap, t) => {
      const lossBy = (moved: Float64Array) => {
        const all = blocks.flat().with(t, [...moved]);
        return loopLoss([all.slice(0, tapsPerBlock), all.slice(tapsPerBlock)], images, depth, oracle);
      };
      expectGradient(gradients[t], lossBy, { at: tap, ...SMALL_STEP, ...GRADIENT, label: `tap ${t}` });
    });
    expect(Math.max(...gradients.flatMap((g) => [...g].map(Math.abs)))).toBeGreaterThan(1e-3);
  });
});
