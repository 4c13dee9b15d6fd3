import { readFileSync } from "node:fs";
import { temporaryFolder } from "test-support";
import { expect, it } from "vitest";
import { openDataSource } from "../src/frames/open-data-source.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { runFolder } from "../src/runs/run-folder.js";
import { tensorboardObserver } from "../src/tracking/tensorboard.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const folder = temporaryFolder("frames-per-second");

/** The float32 scalars of a tag in an event file, in order. */
function scalars(path: string, tag: string): number[] {
  const bytes = readFileSync(path);
  const found: number[] = [];
  for (let at = bytes.indexOf(tag); at >= 0; at = bytes.indexOf(tag, at + 1))
    found.push(bytes.readFloatLE(at + tag.length + 1));
  return found;
}

it("TensorBoard is told of the frames that a step had: the last one of a pass may have fewer than a batch", async () => {
  const root = `${folder}/data`;
  await writeTinyScenes(root, { count: 1, seed: 0 });
  const tiny = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
  const recipe = { ...tiny, training: { ...tiny.training, batchSize: 2 } };
  const run = runFolder(folder);
  const place = { run, recipe, step: 0, data: openDataSource(root), validationFrames: [] };
  // Two passes over 3 frames an epoch: steps of 2, 1, 2 and 1.
  const observer = tensorboardObserver({ ...place, stepsPerEpoch: 4, frames: 3 });
  const losses = { total: 1, det: 1, cls: 1, box: 0, dir: 0, entropy: 0 };
  for (let step = 1; step <= 4; step += 1) {
    const line = { step, epoch: 1, losses, entropy: undefined, learningRate: 1, gradientNorm: 1 };
    observer.step({ ...line, seconds: 0.5, waitSeconds: 0 });
  }
  expect(scalars(run.events, "speed/frames per second")).toEqual([4, 2, 4, 2]);
});
