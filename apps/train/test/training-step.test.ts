import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeSafetensors, parseSafetensors, parseSafetensorsMetadata, type VoxelBatch } from "second-detector";
import { temporaryFolder } from "test-support";
import { beforeAll, describe, expect, it } from "vitest";
import { openTrainedDetector } from "../src/inference/open-detector.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { recipeText } from "../src/recipe/parse-recipe.js";
import { runFolder } from "../src/runs/run-folder.js";
import { startBackend } from "../src/system/start-backend.js";
import { newTrainingState, readCheckpoint, readCheckpointModel, writeCheckpoint } from "../src/training/checkpoint.js";
import { openBatches } from "../src/training/training-batches.js";
import { trainingStep } from "../src/training/training-step.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const recipe = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
const root = temporaryFolder("eloss-step");
let frames: string[];
beforeAll(async () => {
  await startBackend("simd");
  frames = await writeTinyScenes(join(root, "data"), { count: 2, seed: 0 });
});

describe("trainingStep", () => {
  it("stops at a loss that is not finite, names the frames and leaves the state as it was", async () => {
    const load = await openBatches({ data: join(root, "data"), frames, config: recipe.detector, seed: 0 });
    const prepared = await load({ ids: frames, epoch: 0 });
    const state = newTrainingState(recipe, 0);
    const [before, after] = [join(root, "before"), join(root, "after")];
    await writeCheckpoint(before, state);
    (prepared.batch as VoxelBatch).features[0] = Number.NaN;
    await expect(trainingStep(state, prepared, { recipe, totalSteps: 10 })).rejects.toThrow(
      /^step 1, frames 000000, 000001: expected a finite loss, got total NaN, .*; a smaller learning rate may help$/,
    );
    await writeCheckpoint(after, state);
    expect(state.step).toBe(0);
    expect(readFileSync(after).equals(readFileSync(before))).toBe(true);
  });
});

describe("a checkpoint with a number that is not finite", () => {
  it.each([
    ["model/head.cls.bias", "head.cls.bias"],
    ["model/neck.0.bn.var", "neck.0.bn.var"],
  ])("in %s is refused by file and tensor", async (name, shown) => {
    const run = runFolder(join(root, shown));
    await writeCheckpoint(run.checkpoint, newTrainingState(recipe, 0));
    writeFileSync(run.config, recipeText(recipe));
    const bytes = readFileSync(run.checkpoint);
    const tensors = parseSafetensors(bytes);
    (tensors.get(name)!.data as Float32Array)[1] = Number.POSITIVE_INFINITY;
    writeFileSync(run.checkpoint, encodeSafetensors(tensors, { metadata: parseSafetensorsMetadata(bytes) }));
    const message = `expected finite numbers for ${shown}, got Infinity at 1`;
    expect(() => openTrainedDetector(run)).toThrow(message);
    expect(() => openTrainedDetector(run)).toThrow(run.checkpoint);
    expect(() => readCheckpoint(run.checkpoint, newTrainingState(recipe, 0))).toThrow(message);
    expect(readCheckpointModel(run.checkpoint).step).toBe(0);
  });
});
