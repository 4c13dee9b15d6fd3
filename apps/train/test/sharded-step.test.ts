import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { type Communicator, singleRank } from "mpi-collectives";
import { lossGradients, type VoxelBatch } from "second-detector";
import { temporaryFolder } from "test-support";
import { beforeAll, describe, expect, it } from "vitest";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { startBackend } from "../src/system/start-backend.js";
import { newTrainingState } from "../src/training/checkpoint.js";
import { shardedStep } from "../src/training/sharded-step.js";
import { openBatches } from "../src/training/training-batches.js";
import { stepLoss, type TrainingBatch } from "../src/training/training-step.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const recipe = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
const options = { recipe, totalSteps: 10 };
const root = temporaryFolder("sharded-step");
let shards: TrainingBatch[];
beforeAll(async () => {
  await startBackend("simd");
  const frames = await writeTinyScenes(root, { count: 3, seed: 0 });
  const load = await openBatches({ data: root, frames, config: recipe.detector, seed: 0 });
  // Uneven on purpose: three frames in two shards.
  shards = await Promise.all([frames.slice(0, 1), frames.slice(1)].map((ids) => load({ ids, epoch: 0 })));
});
const step = (batches: readonly TrainingBatch[], comm: Communicator = singleRank()) => ({
  ...{ count: batches.length, batches, comm, seed: 0 },
  waiting: <T>(others: Promise<T>) => others,
});

describe("a step over two shards", () => {
  it("has each shard normalised by its own statistics, and moves the running ones towards the mean over shards", async () => {
    const state = newTrainingState(recipe, 0);
    const passes = shards.map((shard) => {
      const loss = stepLoss(state, shard, options);
      return lossGradients(state.weights, shard.batch, { config: recipe.detector, loss });
    });
    const numbers = (tensor: Tensor) => Array.from(tensor.dataSync());
    const expected = new Map<string, number[]>();
    const { momentum } = recipe.detector.batchNorm;
    for (const layer of Object.keys(passes[0].batchStatistics)) {
      const own = passes.map((pass) => pass.batchStatistics[layer]);
      const means = own.map(({ mean }) => numbers(mean));
      const variances = own.map(({ variance, rows }) => numbers(variance).map((v) => (v * rows) / (rows - 1)));
      const moved = (before: number, i: number, [a, b]: number[][]) =>
        (1 - momentum) * before + (momentum * (a[i] + b[i])) / 2;
      const [mean, variance] = ["mean", "var"].map((name) => `${layer}.bn.${name}`);
      expected.set(
        mean,
        numbers(state.weights.running.get(mean)!).map((v, i) => moved(v, i, means)),
      );
      expected.set(
        variance,
        numbers(state.weights.running.get(variance)!).map((v, i) => moved(v, i, variances)),
      );
    }
    const losses = passes.map((pass) => numbers(pass.loss as Scalar)[0]);

    const metrics = await shardedStep(state, step(shards), options);
    expect(metrics.losses.total).toBeCloseTo((losses[0] + losses[1]) / 2, 5);
    expect(expected.size).toBeGreaterThan(10);
    expect([...expected.keys()].sort()).toEqual([...state.weights.running.keys()].sort());
    for (const [name, values] of expected) {
      for (const [i, value] of numbers(state.weights.running.get(name)!).entries()) {
        // float32: three roundings of numbers of this size
        expect(Math.abs(value - values[i]), name).toBeLessThan(1e-6 * Math.max(1, Math.abs(values[i])));
      }
    }
  });

  it("names the frames of the shard whose loss is not finite", async () => {
    const state = newTrainingState(recipe, 0);
    const { batch } = shards[1];
    const features = (batch as VoxelBatch).features.slice();
    features[0] = Number.NaN;
    const spoilt = { ...shards[1], batch: { ...batch, features } as VoxelBatch };
    await expect(shardedStep(state, step([shards[0], spoilt]), options)).rejects.toThrow(
      /^step 1, frames 000001, 000002: expected a finite loss, got total NaN/,
    );
    expect(state.step).toBe(0);
  });

  it("names no frames on a rank whose own are sound", async () => {
    const state = newTrainingState(recipe, 0);
    const alone = singleRank();
    const beside: Communicator = {
      ...{ ...alone, size: 2 },
      // what the other rank sends of its shard is not a number
      allToAll: async (values) =>
        Float32Array.from(values as Float32Array).fill(Number.NaN, values.length / 2) as never,
      allGather: async (values) => Float32Array.of(...(values as Float32Array), ...(values as Float32Array)) as never,
    };
    await expect(shardedStep(state, { ...step(shards.slice(0, 1), beside), count: 2 }, options)).rejects.toThrow(
      /^step 1: expected a finite loss/,
    );
  });
});
