import { pointsInBox } from "lidar-augment";
import { useBackend } from "open-backend";
import type { DetectorConfig } from "second-detector";
import { temporaryFolder } from "test-support";
import { beforeAll, describe, expect, it } from "vitest";
import { resolveSplit } from "../src/frames/frame-split.js";
import { trainingInput } from "../src/frames/network-input.js";
import { readVisibleFrame } from "../src/frames/visible-frame.js";
import { inferFrame } from "../src/inference/infer-frame.js";
import { scanReport } from "../src/inference/infer-report.js";
import { makeUntrainedDetector } from "../src/inference/open-detector.js";
import { readIndexedObjects } from "../src/prepare/index-folder.js";
import { prepareData } from "../src/prepare/prepare-data.js";
import { openTrainingData } from "../src/prepare/training-data.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import type { AugmentationConfig } from "../src/recipe/recipe-schema.js";
import { viewPage } from "../src/report/view-page.js";
import { openBatches } from "../src/training/training-batches.js";
import { MEMORY_IDS, memorySource, ROBOT } from "./scenes/memory-source.js";

// A data set without camera, files or KITTI's classes and names, through all that takes a data source.

const { detector: tiny } = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
const config: DetectorConfig = { ...tiny, classes: [{ ...tiny.classes[0], name: ROBOT }] };
const data = memorySource();
const origin = { data: data.root, frames: MEMORY_IDS, config, seed: 0 };
const indexFolder = temporaryFolder("eloss-source");
beforeAll(async () => {
  await useBackend("simd");
});

describe("a data source that is no KITTI folder", () => {
  it("has splits by its own names", () => {
    expect(resolveSplit(data, "south")).toEqual(["hall 1/south"]);
    expect(resolveSplit(data, "Übergang")).toEqual(["Übergang"]);
    expect(resolveSplit(data, "Übergang,hall 1/north")).toEqual(["Übergang", "hall 1/north"]);
    expect(() => resolveSplit(data, "north")).toThrow(
      "--split north: expected all or south (is hall 1/north meant?); give a list there",
    );
    expect(() => resolveSplit(data, "Übergang,hall 2")).toThrow(
      'expected frames of memory, got "hall 2" (1 of 2 are not there)',
    );
  });

  it("gives training batches: whole scans, the boxes in range", async () => {
    const load = await openBatches(origin, data);
    const { batch, targets } = await load({ ids: MEMORY_IDS.slice(0, 2), epoch: 0 });
    const frame = await readVisibleFrame(data, MEMORY_IDS[0], config);
    expect(frame.points).toBe((await data.read(MEMORY_IDS[0])).points);
    const { voxels, boxes } = trainingInput(frame, config);
    expect(batch.coords.subarray(0, 4)).toEqual(Int32Array.of(0, ...voxels.coords.subarray(0, 3)));
    expect([boxes.length, boxes[0]]).toEqual([7, 8]); // the one behind lies out of range
    expect(targets.map(({ positives }) => positives.length > 0)).toEqual([true, true]);
  });

  it("is prepared, and gives objects to paste, which have no difficulty", async () => {
    const { index, examined } = await prepareData({ data, frames: MEMORY_IDS, folder: indexFolder, workers: 0 });
    expect([examined, index.frames[0].objects, index.objects.count]).toEqual([3, { [ROBOT]: 2 }, 3]); // no point behind
    const { rows } = readIndexedObjects(indexFolder)!;
    expect(rows.map(({ id, className, difficulty }) => [id, className, difficulty])).toEqual(
      MEMORY_IDS.map((id) => [id, ROBOT, undefined]),
    );
    const again = await openTrainingData(data, MEMORY_IDS, { cache: indexFolder });
    expect(again.frames).toEqual(MEMORY_IDS);

    const sampling = [{ class: ROBOT, count: 9, minPoints: 5 }];
    const robots = async (augmentation: AugmentationConfig) => {
      const load = await openBatches({ ...origin, augmentation, indexFolder }, data);
      const { targets } = await load({ ids: [MEMORY_IDS[0]], epoch: 1 });
      return new Set(targets[0].boxIndices).size;
    };
    expect([await robots({}), await robots({ sampling })]).toEqual([1, 3]);
  });

  it("is inferred from; what needs a camera or KITTI's labels says so", async () => {
    const detector = await makeUntrainedDetector({ ...config, predict: { ...config.predict, scoreThreshold: 0 } }, 0);
    const frame = await inferFrame(detector, data, "Übergang");
    expect(frame.pointsInView).toBe((await data.read("Übergang")).points.length / 4);
    expect(frame.found.scores.length).toBeGreaterThan(0);
    const report = { config, step: 1, scan: "Übergang" };
    expect(scanReport(frame, { ...report, format: "text" })).toContain(ROBOT);
    expect(() => scanReport(frame, { ...report, format: "kitti" })).toThrow(
      "frame Übergang: expected a camera's calibration to write boxes in KITTI's format, got a scan without one",
    );
    detector.network.dispose();
  });

  it("is shown", async () => {
    const page = await viewPage({ data, frames: ["Übergang"], full: false, sources: [] });
    const { frames } = JSON.parse(page.match(/id="page-data">(.*?)<\/script>/s)![1]);
    const { points, objects } = await data.read("Übergang");
    expect(frames[0].points.count).toBe(points.length / 4);
    expect(frames[0].truth.map(({ type }: { type: string }) => type)).toEqual([ROBOT, ROBOT]);
    expect(pointsInBox(points, objects![0].box).length).toBeGreaterThan(0);
  });
});
