import * as tf from "@tensorflow/tfjs-core";
import { entropyLoss } from "entropy-loss";
import { describe, expect, test } from "vitest";
import {
  AdamW,
  clipFactor,
  disposeWeights,
  fetchValues,
  lossGradients,
  trainingLoss,
  updateRunningStatistics,
} from "../../src/index.js";
import { expectGolden, expectNear, goldenNames, numberOf } from "./compare.js";
import { goldenConfig as config, goldenBatch, goldenTargets, goldenWeights } from "./golden-model.js";
import { goldenIndex } from "./golden-second.js";

/** Steps of the goldens' runs; a fourth pass follows that takes no step. */
const STEPS = 3;

/**
 * Adam turns the sign of noise into a full step, so float32 runs at lr 1e-3 part by 1.5 % after three steps; at 1e-5
 * PyTorch's float32 stays within 2e-5 of the total (L1 1.1e-4), weights within 7e-5 by L2 norm, statistics 1e-5.
 */
const RUNS = {
  steps_small: { learningRate: 1e-5, maxNorm: 10, total: 5e-5, l1: 3e-4, norm: 2e-3, weights: 2e-4, statistics: 5e-5 },
  steps_small_unclipped: { learningRate: 1e-5, maxNorm: Infinity, total: 5e-5, l1: 3e-4, norm: 2e-3 },
  steps: { learningRate: 1e-3, maxNorm: 10, total: 0.03, l1: 0.1, norm: 0.1, weights: 0.03, statistics: 0.03 },
} as const;

/** Names of the goldens' runs. */
export type GoldenRun = keyof typeof RUNS;

/** Three optimiser steps: losses and gradient norm before each, weights and running statistics at the end. */
export function stepCases(runs: readonly GoldenRun[] = Object.keys(RUNS) as GoldenRun[]): void {
  describe("three optimiser steps", () => {
    test.each(runs)("%s", async (name) => {
      const run = RUNS[name];
      const weights = goldenWeights();
      const batch = goldenBatch();
      const optimizer = new AdamW(weights.trainable, { betas: [0.95, 0.99], weightDecay: 0.01 });
      const loss = trainingLoss({ config, targets: goldenTargets(), extraLoss });
      const expected = goldenIndex().scalars[name];
      for (let step = 0; step <= STEPS; step++) {
        const pass = lossGradients(weights, batch, { config, loss });
        await fetchValues([pass.gradients]);
        const { factor: gradientScale, norm } = clipFactor(pass.gradients, { maxNorm: run.maxNorm });
        const { total, "L1.kl": l1 } = expected[step];
        expectNear(await numberOf(pass.loss), total, run.total, `total after ${step} steps`);
        expectNear(await numberOf(pass.report.losses.extra), l1, run.l1, `L1 after ${step} steps`);
        if (step < STEPS) {
          expectNear(norm, expected[step].gradient_norm, run.norm, `gradient norm after ${step} steps`);
          optimizer.step(pass.gradients, { learningRate: run.learningRate, gradientScale });
        }
        updateRunningStatistics(weights, pass.batchStatistics, config.batchNorm);
        tf.dispose(pass);
      }
      if ("weights" in run) {
        const [moved, statistics] = ["step3/", "bn_after_4_passes/"];
        expect(goldenNames(name, moved).length).toBe(weights.trainable.size);
        expect(goldenNames(name, statistics).length).toBe(weights.running.size);
        await expectGolden(name, weights.trainable, { prefix: moved, norm: "l2", tolerance: run.weights });
        await expectGolden(name, weights.running, { prefix: statistics, norm: "l2", tolerance: run.statistics });
      }
      optimizer.dispose();
      disposeWeights(weights);
    });
  });
}

function extraLoss(taps: tf.Tensor4D[][]) {
  const { loss } = entropyLoss(taps, { estimator: "kl", coverage: "all", variance: "biased" });
  return { loss, report: undefined };
}
