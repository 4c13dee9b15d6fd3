import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boxOfEachPoint } from "lidar-augment";
import type { AugmentationConfig, DetectorConfig } from "second-detector";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAugmentedFrames } from "../src/frames/augmented-frames.js";
import { openFrames } from "../src/frames/training-frames.js";
import { openConfig } from "../src/inference/open-detector.js";
import { preparedFolder } from "../src/prepare/index-file.js";
import { prepareData } from "../src/prepare/prepare-data.js";
import { startBatchWorkers } from "../src/training/batch-workers.js";
import { readSampleObjects } from "../src/training/sample-objects.js";
import { openBatches } from "../src/training/training-batches.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const plain = openConfig(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
const scene = { mirror: 0.5, rotation: 0.3, scaling: [0.95, 1.05], translation: 0 } as const;
const with_ = (augmentation: AugmentationConfig): DetectorConfig => ({ ...plain, augmentation });
const sampled = with_({ sampling: [{ class: "Car", count: 14, minPoints: 5 }], scene });

let data: string;
let frames: string[];
let prepared: string;
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "eloss-augmented-"));
  frames = await writeTinyScenes(data, { count: 3, seed: 0 });
  prepared = preparedFolder(data);
  await prepareData({ data, frames, folder: prepared, workers: 0 });
});
afterAll(() => rmSync(data, { recursive: true }));

const open = (config: DetectorConfig, seed = 0) => openAugmentedFrames({ data, frames, config, seed, prepared });

describe("openAugmentedFrames", () => {
  it("makes a frame new in each epoch, for each seed, and the same again for the same", async () => {
    const source = await open(sampled);
    const first = await source.load("000001", 0);
    await source.load("000002", 0);
    expect(await source.load("000001", 0)).toEqual(first);
    expect((await source.load("000001", 1)).voxels).not.toEqual(first.voxels);
    expect((await (await open(sampled, 1)).load("000001", 0)).voxels).not.toEqual(first.voxels);
    expect(await (await open(sampled)).load("000001", 0)).toEqual(first);
  });

  it("without anything to change gives the frame but for the order of its points", async () => {
    const same = await (await open(with_({}))).load("000000", 5);
    const read = await (await openFrames(data, frames, { config: plain, training: true })).load("000000");
    expect(same.boxes).toEqual(read.boxes);
    expect(same.labels).toEqual(read.labels);
    const cells = ({ coords }: typeof read.voxels) =>
      Array.from({ length: coords.length / 3 }, (_, i) => coords.subarray(3 * i, 3 * i + 3).join()).sort();
    expect(cells(same.voxels)).toEqual(cells(read.voxels));
  });

  it("pastes cars of other frames where they are sampled", async () => {
    const { sampling } = sampled.augmentation!;
    const [pasting, plainly] = [await open(with_({ sampling })), await open(with_({}))];
    let pasted = 0;
    for (const id of frames) {
      const [more, own] = [await pasting.load(id, 0), await plainly.load(id, 0)];
      expect(more.boxes.subarray(0, own.boxes.length)).toEqual(own.boxes);
      pasted += more.labels.length - own.labels.length;
    }
    expect(pasted).toBeGreaterThan(0);
  });

  it.each([1, 2])("gives the same batches with %i threads as without", async (workers) => {
    const origin = { data, frames, config: sampled, seed: 3, prepared };
    const here = await openBatches(origin);
    const there = startBatchWorkers(origin, workers);
    try {
      const requests = [0, 1, 2].map((epoch) => ({ ids: [frames[epoch], frames[(epoch + 1) % 3]], epoch }));
      const made = await Promise.all(requests.map((request) => there.load(request)));
      for (const [i, request] of requests.entries()) {
        const { batch, targets } = await here(request);
        expect(made[i].batch.features).toEqual(batch.features);
        expect(made[i].targets).toEqual(targets);
      }
    } finally {
      await there.close();
    }
  });
});

describe("readSampleObjects", () => {
  const label = plain.classes.findIndex(({ name }) => name === "Car");

  it("takes objects with enough points, each with the points in its box, in the order of the frames asked for", () => {
    const all = readSampleObjects({ prepared, frames, config: sampled }).get(label)!;
    expect(all.length).toBeGreaterThan(3);
    for (const { points, box } of all) {
      expect(points.length / 4).toBeGreaterThanOrEqual(5);
      expect([...boxOfEachPoint(points, box)].every((owner) => owner === 0)).toBe(true);
    }
    const strict = with_({ sampling: [{ class: "Car", count: 14, minPoints: 200 }] });
    const few = readSampleObjects({ prepared, frames, config: strict }).get(label)!;
    expect(few).toEqual(all.filter(({ points }) => points.length / 4 >= 200));
    expect(few.length).toBeLessThan(all.length);
    const one = (id: string) => readSampleObjects({ prepared, frames: [id], config: sampled }).get(label)!;
    const turned = readSampleObjects({ prepared, frames: [...frames].reverse(), config: sampled }).get(label)!;
    expect(turned).toEqual([...frames].reverse().flatMap(one));
  });

  it("says what to do where there is no index", () => {
    expect(() => readSampleObjects({ prepared: join(data, "nothing"), frames, config: sampled })).toThrow(
      "expected an index; run `eloss prepare` on the data",
    );
  });
});
