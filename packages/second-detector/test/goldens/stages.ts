import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { disposeWeights, forwardDense, forwardDetector, updateRunningStatistics } from "../../src/index.js";
import { expectGolden, goldenNames, stageKeeper } from "./compare.js";
import { goldenConfig as config, goldenBatch, goldenWeights } from "./golden-model.js";
import { goldenTensors } from "./golden-second.js";
import type { Tolerances } from "./tolerances.js";

/** Every stage of the forward pass in both modes, and what a training-mode pass leaves in the running statistics. */
export function stageCases(tolerances: Tolerances): void {
  test.each(["eval", "train"])("every stage in %s mode", async (mode) => {
    const weights = goldenWeights();
    const { stages, onStage } = stageKeeper();
    tf.dispose(forwardDetector(weights, goldenBatch(), { config, training: mode === "train", onStage }));
    expect(stages.size).toBe(27);
    await expectGolden(mode, stages, { norm: "largest", tolerance: tolerances.stage });
    tf.dispose([...stages.values()]);
    disposeWeights(weights);
  });

  test("running statistics after one training-mode pass", async () => {
    const weights = goldenWeights();
    const result = forwardDetector(weights, goldenBatch(), { config, training: true });
    updateRunningStatistics(weights, result.batchStatistics, { momentum: config.batchNorm.momentum });
    expect(goldenNames("train_bn_after").sort()).toEqual([...weights.running.keys()].sort());
    await expectGolden("train_bn_after", weights.running, { norm: "largest", tolerance: tolerances.statistics });
    tf.dispose(result);
    disposeWeights(weights);
  });
}

/** The 2D part alone, from the map that the golden encoder output makes. */
export function denseStageCases(tolerances: Tolerances): void {
  describe("the 2D part alone", () => {
    test("every stage in train mode", async () => {
      const weights = goldenWeights();
      const bev = goldenMap();
      const { stages, onStage } = stageKeeper();
      tf.dispose(forwardDense(weights, bev, { config, training: true, onStage }));
      expect(stages.size).toBe(14);
      await expectGolden("train", stages, { norm: "largest", tolerance: tolerances.stage });
      tf.dispose([bev, ...stages.values()]);
      disposeWeights(weights);
    });
  });
}

/** [b, y, x, c·2 + d], zeros where no site is. */
function goldenMap(): tf.Tensor4D {
  const { data } = goldenTensors("train").get("encoder.output")!;
  const sites = goldenTensors("rulebook").get("output.coords")!.data;
  const map = new Float32Array(2 * 48 * 48 * 128);
  for (let site = 0; site < sites.length / 4; site++) {
    const [b, z, y, x] = sites.subarray(4 * site, 4 * site + 4);
    for (let c = 0; c < 64; c++) map[((b * 48 + y) * 48 + x) * 128 + 2 * c + z] = data[64 * site + c];
  }
  return tf.tensor4d(map, [2, 48, 48, 128]);
}
