import * as tf from "@tensorflow/tfjs-core";
import { entropyLoss } from "entropy-loss";
import { describe, expect, test } from "vitest";
import {
  detectionLoss,
  disposeWeights,
  type ForwardResult,
  forwardDetector,
  lossGradients,
  trainingLoss,
} from "../../src/index.js";
import { expectGolden, expectNear, goldenNames, numberOf } from "./compare.js";
import { goldenConfig as config, goldenBatch, goldenTargets, goldenWeights } from "./golden-model.js";
import { goldenIndex } from "./golden-second.js";
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
      const extraLoss = (taps: ForwardResult["taps"]) => ({ loss: l1(taps, "kl"), report: undefined });
      const loss = trainingLoss({ config, targets: goldenTargets(), extraLoss });
      const pass = lossGradients(weights, batch, { config, loss });
      const expected = goldenIndex().scalars.train;
      const { extra, ...detection } = pass.report.losses;
      for (const [name, value] of Object.entries({ ...detection, total: pass.loss })) {
        expectNear(await numberOf(value), expected[name], tolerances.loss, name);
      }
      expectNear(await numberOf(extra), expected["L1.kl"], tolerances.l1, "L1.kl");
      await expectGolden("gradients", goldenOnes("gradients", pass.gradients), {
        norm: "l2",
        tolerance: tolerances.gradient,
      });
      tf.dispose(pass);
      expect(tf.memory().numTensors).toBe(before);
      disposeWeights(weights);
    });

    test.each(["kl", "author"] as const)("gradient of L1 (%s) alone by every weight", async (estimator) => {
      const weights = goldenWeights();
      const loss = ({ taps }: ForwardResult) => ({ loss: l1(taps, estimator), report: undefined });
      const pass = lossGradients(weights, goldenBatch(), { config, loss });
      const name = `L1.${estimator}`;
      expectNear(await numberOf(pass.loss), goldenIndex().scalars.train[name], tolerances.l1, name);
      const prefix = `${name}/`;
      const compared = goldenOnes("gradients_entropy", pass.gradients, prefix);
      const tolerance = tolerances.entropyGradient;
      await expectGolden("gradients_entropy", compared, { prefix, norm: "l2", tolerance });
      tf.dispose(pass);
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
