import * as tf from "@tensorflow/tfjs-core";
import { entropyLoss } from "entropy-loss";
import { describe, expect, test } from "vitest";
import {
  detectionLoss,
  detectorGradients,
  disposeWeights,
  type ForwardResult,
  forwardDetector,
  lossGradients,
} from "../../src/index.js";
import { goldenConfig as config, goldenBatch, goldenTargets, goldenWeights } from "../oracle/golden-model.js";
import { goldenIndex } from "../oracle/golden-second.js";
import { expectGolden, expectNear, goldenNames, numberOf } from "./compare.js";
import type { Tolerances } from "./tolerances.js";

const ESTIMATORS = {
  kl: { estimator: "kl", coverage: "all", variance: "biased" },
  author: { estimator: "author", coverage: [0], variance: "unbiased" },
} as const;

/** The losses of a whole pass and the gradients by every weight and every stage. */
export function gradientCases(tolerances: Tolerances): void {
  describe("gradients", () => {
    test("losses and the gradient of their sum by every weight", async () => {
      const weights = goldenWeights();
      const batch = goldenBatch();
      const before = tf.memory().numTensors;
      const { losses, gradients, batchStatistics } = detectorGradients(weights, batch, {
        config,
        targets: goldenTargets(),
        extraLoss: (taps) => ({ total: l1(taps, "kl") }),
      });
      const expected = goldenIndex().scalars.train;
      const golden = { cls: "cls", box: "box", dir: "dir", det: "det", extra: "L1.kl", total: "total" };
      for (const [name, goldenName] of Object.entries(golden)) {
        const tolerance = name === "extra" ? tolerances.l1 : tolerances.loss;
        expectNear(await numberOf(losses[name]), expected[goldenName], tolerance, name);
      }
      await expectGolden("gradients", goldenOnes("gradients", gradients), {
        norm: "l2",
        tolerance: tolerances.gradient,
      });
      tf.dispose([losses, gradients, batchStatistics]);
      expect(tf.memory().numTensors).toBe(before);
      disposeWeights(weights);
    });

    test.each(["kl", "author"] as const)("gradient of L1 (%s) alone by every weight", async (estimator) => {
      const weights = goldenWeights();
      const loss = ({ taps }: ForwardResult) => ({ total: l1(taps, estimator) });
      const { losses, gradients, batchStatistics } = lossGradients(weights, goldenBatch(), { config, loss });
      const name = `L1.${estimator}`;
      expectNear(await numberOf(losses.total), goldenIndex().scalars.train[name], tolerances.l1, name);
      const prefix = `${name}/`;
      const compared = goldenOnes("gradients_entropy", gradients, prefix);
      const tolerance = tolerances.entropyGradient;
      await expectGolden("gradients_entropy", compared, { prefix, norm: "l2", tolerance });
      tf.dispose([losses, gradients, batchStatistics]);
      disposeWeights(weights);
    });

    test("gradient by every stage", async () => {
      // The goldens' stage gradients add up over the three backward passes that made its files: total = det + L1 (kl), then
      // L1 (kl) and L1 (author) alone. This sum agrees to 4e-6 in every stage, and total alone misses by 5e-3.
      // A probe of zeros is added to each stage: the gradient by the probe is that by the stage.
      const weights = goldenWeights();
      const batch = goldenBatch();
      const targets = goldenTargets();
      const names = goldenNames("stage_gradients");
      const records = goldenIndex().tensors.stage_gradients;
      const probes = names.map((name) => tf.zeros([...records[name].shape]));
      const summed = (...inputs: tf.Tensor[]) => {
        const onStage = (name: string, stage: tf.Tensor) => tf.add(stage, inputs[names.indexOf(name)]);
        const { head, taps } = forwardDetector(weights, batch, { config, training: true, onStage });
        return tf.addN([detectionLoss(head, targets, config).det, l1(taps, "kl"), l1(taps, "kl"), l1(taps, "author")]);
      };
      const gradients = tf.grads(summed)(probes);
      const byName = new Map(names.map((name, i) => [name, gradients[i]]));
      await expectGolden("stage_gradients", byName, { norm: "l2", tolerance: tolerances.gradient });
      tf.dispose([probes, gradients]);
      disposeWeights(weights);
    });
  });
}

function l1(taps: ForwardResult["taps"], estimator: "kl" | "author"): tf.Scalar {
  return entropyLoss(taps, ESTIMATORS[estimator]).loss;
}

/** The gradients that a golden file has something about. */
function goldenOnes(file: string, gradients: Record<string, tf.Tensor>, prefix = ""): Map<string, tf.Tensor> {
  const names = goldenNames(file, prefix);
  expect(names.length).toBeGreaterThan(20);
  return new Map(names.map((name) => [name, gradients[name]]));
}
