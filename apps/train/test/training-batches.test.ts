import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boxOfEachPoint } from "lidar-augment";
import type { DetectorBatch, VoxelBatch } from "second-detector";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDataSource } from "../src/frames/open-data-source.js";
import { indexFolderOf } from "../src/prepare/index-file.js";
import { prepareData } from "../src/prepare/prepare-data.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import type { AugmentationConfig } from "../src/recipe/recipe-schema.js";
import { startBatchWorkers } from "../src/training/batch-workers.js";
import { readSampleObjects } from "../src/training/sample-objects.js";
import { openBatches } from "../src/training/training-batches.js";
import type { TrainingBatch } from "../src/training/training-step.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const { detector: config } = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
const scene = { mirror: 0.5, rotation: 0.3, scaling: [0.95, 1.05], translation: 0 } as const;
const sampling = [{ class: "Car", count: 14, minPoints: 5 }];
const sampled: AugmentationConfig = { sampling, scene };

let data: string;
let frames: string[];
let indexFolder: string;
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "eloss-batches-"));
  frames = await writeTinyScenes(data, { count: 3, seed: 0 });
  indexFolder = indexFolderOf(data);
  await prepareData({ data: openDataSource(data), frames, folder: indexFolder, workers: 0 });
});
afterAll(() => rmSync(data, { recursive: true }));

/** The batch of one frame. */
async function opener(augmentation?: AugmentationConfig, seed = 0) {
  const load = await openBatches({ data, frames, config, augmentation, seed, indexFolder });
  return (id: string, epoch: number) => load({ ids: [id], epoch });
}

describe("openBatches with augmentation", () => {
  it("makes a frame new in each epoch, for each seed, and the same again for the same", async () => {
    const load = await opener(sampled);
    const first = await load("000001", 0);
    await load("000002", 0);
    expect(await load("000001", 0)).toEqual(first);
    const features = ({ batch }: TrainingBatch) => (batch as VoxelBatch).features;
    expect(features(await load("000001", 1))).not.toEqual(features(first));
    expect(features(await (await opener(sampled, 1))("000001", 0))).not.toEqual(features(first));
    expect(await (await opener(sampled))("000001", 0)).toEqual(first);
  });

  it("without anything to change gives the frame but for the order of its points", async () => {
    const same = await (await opener({}))("000000", 5);
    const read = await (await opener())("000000", 0);
    expect(same.targets).toEqual(read.targets);
    const cells = ({ coords }: DetectorBatch) =>
      Array.from({ length: coords.length / 4 }, (_, i) => coords.subarray(4 * i, 4 * i + 4).join()).sort();
    expect(cells(same.batch)).toEqual(cells(read.batch));
    expect(same.batch.coords).not.toEqual(read.batch.coords);
  });

  it.each([1, 2])("gives the same batches with %i threads as without", async (workers) => {
    const origin = { data, frames, config, augmentation: sampled, seed: 3, indexFolder };
    const here = await openBatches(origin);
    const there = startBatchWorkers(origin, workers);
    try {
      const requests = [0, 1, 2].map((epoch) => ({ ids: [frames[epoch], frames[(epoch + 1) % 3]], epoch }));
      const made = await Promise.all(requests.map((request) => there.load(request)));
      for (const [i, request] of requests.entries()) {
        expect(made[i]).toEqual(await here(request));
      }
    } finally {
      await there.close();
    }
  });
});

describe("readSampleObjects", () => {
  const label = config.classes.findIndex(({ name }) => name === "Car");

  it("takes objects with enough points, each with the points in its box, in the order of the frames asked for", () => {
    const all = readSampleObjects({ indexFolder, frames, config, sampling }).get(label)!;
    expect(all.length).toBeGreaterThan(3);
    for (const { points, box } of all) {
      expect(points.length / 4).toBeGreaterThanOrEqual(5);
      expect([...boxOfEachPoint(points, box)].every((owner) => owner === 0)).toBe(true);
    }
    const strict = [{ class: "Car", count: 14, minPoints: 200 }];
    const few = readSampleObjects({ indexFolder, frames, config, sampling: strict }).get(label)!;
    expect(few).toEqual(all.filter(({ points }) => points.length / 4 >= 200));
    expect(few.length).toBeLessThan(all.length);
    const one = (id: string) => readSampleObjects({ indexFolder, frames: [id], config, sampling }).get(label)!;
    const turned = readSampleObjects({ indexFolder, frames: [...frames].reverse(), config, sampling }).get(label)!;
    expect(turned).toEqual([...frames].reverse().flatMap(one));
  });

  it("says what to do where there is no index", () => {
    expect(() => readSampleObjects({ indexFolder: join(data, "nothing"), frames, config, sampling })).toThrow(
      "expected an index; run `eloss prepare` on the data",
    );
  });
});
