import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { entropyLoss } from "entropy-loss";
import { skipNote } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type DetectorBatch,
  detectionLoss,
  detectorGradients,
  disposeWeights,
  type ForwardResult,
  forwardSecond,
  lossGradients,
  type Weights,
} from "../src/index.js";
import { l2Error } from "./oracle/closeness.js";
import { goldenBatch, goldenConfig, goldenTargets, goldenWeights } from "./oracle/golden-model.js";
import { goldenIndex, goldenSecond, goldenTensors, storedRows } from "./oracle/golden-second.js";

registerSimdBackend();

/** By L2 norm. PyTorch's own float32 is off by 7e-4 in the worst tensor (a ReLU that flips moves a whole element). */
const GRADIENT_TOLERANCE = 2e-3;
/** By L2 norm. PyTorch's float32 is off by 2e-3: a k-th neighbour that changes moves whole elements. */
const ENTROPY_GRADIENT_TOLERANCE = 6e-3;
/** Of each term; PyTorch's float32 is off by 2e-6. */
const LOSS_TOLERANCE = 1e-5;
/** Of L1, the variance of small differences of entropies; PyTorch's float32 is off by 7e-5. */
const L1_TOLERANCE = 2e-4;

const ESTIMATORS = {
  kl: { estimator: "kl", coverage: "all", variance: "biased" },
  author: { estimator: "author", coverage: [0], variance: "unbiased" },
} as const;

describe.skipIf(!goldenSecond)(`gradients on two real frames${skipNote("golden/second")}`, () => {
  const config = goldenConfig;
  let batch: DetectorBatch;
  let weights: Weights;

  beforeAll(async () => {
    await tf.setBackend("simd");
    batch = goldenBatch();
    weights = goldenWeights();
    return () => disposeWeights(weights);
  });

  test("losses and the gradient of their sum by every weight", () => {
    const before = tf.memory().numTensors;
    const { losses, gradients, batchStatistics } = detectorGradients(weights, batch, {
      config,
      targets: goldenTargets(),
      extraLoss: (taps) => ({ total: l1(taps, "kl") }),
    });
    const expected = goldenIndex().scalars.train;
    const goldenNames = { cls: "cls", box: "box", dir: "dir", det: "det", extra: "L1.kl", total: "total" };
    for (const [name, goldenName] of Object.entries(goldenNames)) {
      const error = Math.abs(losses[name].dataSync()[0] / expected[goldenName] - 1);
      expect(error, name).toBeLessThanOrEqual(name === "extra" ? L1_TOLERANCE : LOSS_TOLERANCE);
    }
    expect(failures("gradients", gradients, GRADIENT_TOLERANCE)).toEqual([]);
    tf.dispose([losses, gradients, batchStatistics]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each(["kl", "author"] as const)("gradient of L1 (%s) alone by every weight", (estimator) => {
    const result = lossGradients(weights, batch, { config, loss: ({ taps }) => ({ total: l1(taps, estimator) }) });
    const { losses, gradients, batchStatistics } = result;
    const expected = goldenIndex().scalars.train[`L1.${estimator}`];
    expect(Math.abs(losses.total.dataSync()[0] / expected - 1)).toBeLessThanOrEqual(L1_TOLERANCE);
    const prefix = `L1.${estimator}/`;
    expect(failures("gradients_entropy", gradients, ENTROPY_GRADIENT_TOLERANCE, prefix)).toEqual([]);
    tf.dispose([losses, gradients, batchStatistics]);
  });

  test("gradient by every stage", () => {
    // The goldens' stage gradients add up over the three backward passes that made its files: total = det + L1 (kl), then
    // L1 (kl) and L1 (author) alone. This sum agrees to 4e-6 in every stage, and total alone misses by 5e-3.
    // A probe of zeros is added to each stage: the gradient by the probe is that by the stage.
    const targets = goldenTargets();
    const names = [...goldenTensors("stage_gradients").keys()];
    const records = goldenIndex().tensors.stage_gradients;
    const probes = names.map((name) => tf.zeros([...records[name].shape]));
    const summed = (...inputs: tf.Tensor[]) => {
      const onStage = (name: string, stage: tf.Tensor) => tf.add(stage, inputs[names.indexOf(name)]);
      const { head, taps } = forwardSecond(weights, batch, { config, training: true, onStage });
      return tf.addN([detectionLoss(head, targets, config).det, l1(taps, "kl"), l1(taps, "kl"), l1(taps, "author")]);
    };
    const gradients = tf.grads(summed)(probes);
    const byName = Object.fromEntries(names.map((name, i) => [name, gradients[i]]));
    expect(failures("stage_gradients", byName, GRADIENT_TOLERANCE)).toEqual([]);
    tf.dispose([probes, gradients]);
  });
});

function l1(taps: ForwardResult["taps"], estimator: "kl" | "author"): tf.Scalar {
  return entropyLoss(taps, ESTIMATORS[estimator]).loss;
}

/** Tensors of a golden file that `actual` misses by more than `tolerance`, with their error. */
function failures(file: string, actual: Record<string, tf.Tensor>, tolerance: number, prefix = "") {
  const records = goldenIndex().tensors[file];
  const stored = [...goldenTensors(file)].filter(([name]) => name.startsWith(prefix));
  expect(stored.length).toBeGreaterThan(20);
  return stored.flatMap(([name, { data }]) => {
    const values = actual[name.slice(prefix.length)].dataSync();
    const error = l2Error(storedRows(values, records[name]), data);
    return error <= tolerance ? [] : [{ name, error }];
  });
}
