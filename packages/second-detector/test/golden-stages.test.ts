import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { skipNote } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type DetectorBatch,
  disposeWeights,
  forwardDense,
  forwardSecond,
  updateRunningStatistics,
} from "../src/index.js";
import { largestError } from "./oracle/closeness.js";
import { goldenBatch, goldenConfig, goldenWeights } from "./oracle/golden-model.js";
import { type GoldenTensor, goldenIndex, goldenSecond, goldenTensors, storedRows } from "./oracle/golden-second.js";

registerSimdBackend();

/** Of the largest entry of a stage. PyTorch's own float32 is off by 3e-6 in eval mode, by 1e-5 in train mode. */
const STAGE_TOLERANCE = 1e-5;
/** Of the largest entry; PyTorch's float32 is off by 1e-6. */
const STATISTICS_TOLERANCE = 5e-6;

describe.skipIf(!goldenSecond)(`second-mini on two real frames${skipNote("golden/second")}`, () => {
  const config = goldenConfig;
  let inputs: Map<string, GoldenTensor>;
  let batch: DetectorBatch;

  beforeAll(async () => {
    await tf.setBackend("simd");
    inputs = goldenTensors("inputs");
    batch = goldenBatch();
  });

  test("voxel features and coordinates are equal bit for bit", () => {
    expect(batch.batchSize).toBe(2);
    expect(batch.coords).toEqual(inputs.get("coords")!.data);
    expect(batch.features).toEqual(inputs.get("features")!.data);
  });

  test("sites of the encoder are equal, in order, with as many pairs", () => {
    const sites = goldenTensors("rulebook");
    const { sparse_stages: stages } = goldenIndex();
    // encoder layers: input, stage1.0, then three per stage, then output; the opening layer of a stage makes its sites
    const opening = { stage2: 2, stage3: 5, stage4: 8, output: 11 };
    expect(pairs(batch, 0)).toBe(stages.stage1.same_pairs);
    expect(batch.rulebooks[1]).toBe(batch.rulebooks[0]);
    for (const [stage, layer] of Object.entries(opening)) {
      const { outputCoords, outputShape } = batch.rulebooks[layer];
      expect([...outputShape], stage).toEqual(stages[stage].shape);
      expect(outputCoords, stage).toEqual(sites.get(`${stage}.coords`)!.data);
      expect(pairs(batch, layer), `opening of ${stage}`).toBe(stages[stage].open_pairs);
      if (stage !== "output") expect(pairs(batch, layer + 1), stage).toBe(stages[stage].same_pairs);
    }
  });

  test.each(["eval", "train"])("every stage in %s mode", (mode) => {
    const weights = goldenWeights();
    const errors = stageErrors(mode, (onStage) => {
      tf.dispose(forwardSecond(weights, batch, { config, training: mode === "train", onStage }));
    });
    expect(errors.size).toBe(27);
    expectAllWithin(errors, STAGE_TOLERANCE);
    disposeWeights(weights);
  });

  test.each(["simd", "cpu"])("the 2D part alone in train mode on %s", async (backend) => {
    await tf.setBackend(backend);
    const weights = goldenWeights();
    const bev = goldenMap();
    const errors = stageErrors("train", (onStage) => {
      tf.dispose(forwardDense(weights, bev, { config, training: true, onStage }));
    });
    expect(errors.size).toBe(14);
    expectAllWithin(errors, STAGE_TOLERANCE);
    tf.dispose(bev);
    disposeWeights(weights);
    await tf.setBackend("simd");
  });

  test("running statistics after one training-mode pass", () => {
    const weights = goldenWeights();
    const result = forwardSecond(weights, batch, { config, training: true });
    updateRunningStatistics(weights, result.batchStatistics, { momentum: config.batchNorm.momentum });
    const errors = new Map<string, number>();
    for (const [name, { data }] of goldenTensors("train_bn_after")) {
      errors.set(name, largestError(weights.running.get(name)!.dataSync(), data));
    }
    expect(errors.size).toBe(weights.running.size);
    expectAllWithin(errors, STATISTICS_TOLERANCE);
    tf.dispose(result);
    disposeWeights(weights);
  });
});

function stageErrors(
  mode: string,
  run: (onStage: (name: string, stage: tf.Tensor) => undefined) => void,
): Map<string, number> {
  const records = goldenIndex().tensors[mode];
  const stages = goldenTensors(mode);
  const errors = new Map<string, number>();
  run((name, stage) => {
    // Relative to the largest entry of the whole tensor, which the stored rows may miss.
    const scale = records[name].max_abs;
    errors.set(name, largestError(storedRows(stage.dataSync(), records[name]), stages.get(name)!.data, scale));
    return undefined;
  });
  return errors;
}

function expectAllWithin(errors: Map<string, number>, tolerance: number): void {
  const failing = [...errors].filter(([, error]) => !(error <= tolerance));
  expect(failing).toEqual([]);
}

function pairs(batch: DetectorBatch, layer: number): number {
  return batch.rulebooks[layer].map.inputs.length;
}

/** The map that the golden encoder output makes: [b, y, x, c·2 + d], zeros elsewhere. */
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
