import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { evaluateKitti, perfectDetections } from "kitti-eval";
import { encodeLabels, type KittiObject } from "kitti-io";
import { temporaryFolder } from "test-support";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { plainArm } from "../src/experiment/arms.js";
import { carPrecision, type LabelledFrames, readLabelledFrames } from "../src/experiment/frame-precision.js";
import { type PlannedRun, plannedRun } from "../src/experiment/planned-run.js";
import { runOutcome } from "../src/experiment/read-outcome.js";
import { openDataSource } from "../src/frames/open-data-source.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { startBackend } from "../src/system/start-backend.js";
import { trainRun } from "../src/training/train-run.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

describe("what a run finds in every frame", () => {
  const out = temporaryFolder("eloss-frames");
  const never = { requested: false };
  let run: PlannedRun;
  let labelled: LabelledFrames;
  beforeAll(async () => {
    await startBackend("simd");
    const data = join(out, "data");
    const frames = await writeTinyScenes(data, { count: 3, seed: 0 });
    const tiny = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
    const recipe = { ...tiny, training: { ...tiny.training, epochs: 1, batchSize: 1, ema: { decay: 0.9 } } };
    run = plannedRun(plainArm(recipe), 0, {
      out,
      merge: [],
      recorded: [],
      data,
      frames,
      validationFrames: frames,
      validateEvery: 1,
      backend: "simd",
    });
    const validation = { every: 1, split: "val", frames };
    await trainRun({ ...run.request, folder: run.folder.path, validation, backend: {}, workers: 0, stop: never });
    labelled = await readLabelledFrames(openDataSource(data), frames);
  });

  it("counted once each is what the last evaluation found of the last weights, and is read again, not made again", async () => {
    const { state, epochs, average } = runOutcome(run);
    expect(state.kind).toBe("finished");
    const precision = (await carPrecision(run, labelled, never))!;
    expect(precision([1, 1, 1])).toBe(epochs.at(-1)!.ap["Car 3D"]);
    expect(average!["Car 3D"]).toBeGreaterThanOrEqual(0);
    expect(JSON.parse(readFileSync(run.folder.evaluation, "utf8")).weights).toBe("last");
    const { mtimeMs } = statSync(run.folder.evaluation);
    // What stands in its files is believed: here that everything was found.
    const perfect = perfectDetections(labelled.labels);
    labelled.frames.forEach((id, i) => {
      const lines = encodeLabels(perfect[i] as KittiObject[]);
      writeFileSync(join(run.folder.predictions("val"), `${id}.txt`), lines);
    });
    const again = (await carPrecision(run, labelled, never))!;
    const twice = [0, 0, 1, 2, 2, 2].map((i) => [labelled.labels[i], perfect[i]] as const);
    const official = evaluateKitti(
      twice.map(([truth]) => truth),
      twice.map(([, found]) => found),
    );
    expect(again([2, 1, 3])).toBe(official.strict.car["3d"]!.moderate.r40);
    expect(again([2, 1, 3])).toBeGreaterThan(0);
    expect(statSync(run.folder.evaluation).mtimeMs).toBe(mtimeMs);
  });

  it("leaves out a frame whose data are at fault, as the evaluation while training does", async () => {
    const root = join(out, "broken");
    const [broken, ...others] = await writeTinyScenes(root, { count: 3, seed: 0 });
    truncateSync(join(root, "training", "velodyne", `${broken}.bin`), 7);
    const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const { frames, labels } = await readLabelledFrames(openDataSource(root), [broken, ...others]);
    expect(stderr.mock.calls.join()).toMatch(`frame ${broken} is left out: `);
    stderr.mockRestore();
    expect(frames).toEqual(others);
    expect(labels).toEqual(labelled.labels.slice(1));
  });

  it("ends where it is asked to", async () => {
    const other = { ...labelled, frames: [...labelled.frames].reverse() };
    expect(await carPrecision(run, other, { requested: true })).toBeUndefined();
  });
});
