import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "open-backend";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDataSource } from "../src/frames/open-data-source.js";
import { evaluateRun } from "../src/inference/evaluate-run.js";
import { openTrainedDetector } from "../src/inference/open-detector.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import type { RunSettings } from "../src/runs/run-file.js";
import type { RunFolder } from "../src/runs/run-folder.js";
import { startRun } from "../src/runs/run-request.js";
import { trainRun } from "../src/training/train-run.js";
import type { Validation } from "../src/training/validate-epochs.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const tiny = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
/** Takes every candidate for a box: after ten steps there would be none otherwise. */
const detector = { ...tiny.detector, predict: { ...tiny.detector.predict, scoreThreshold: 0 } };
const recipe = { ...tiny, detector, training: { ...tiny.training, epochs: 5, batchSize: 1 } };
let root: string;
let settings: RunSettings;
let validation: Validation;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "eloss-validate-"));
  const data = join(root, "data");
  const [first, ...frames] = await writeTinyScenes(data, { count: 3, seed: 0 });
  settings = { data, split: "train", frames, seed: 0, entropyLoss: true };
  validation = { every: 2, split: "val", frames: [first] };
  await useBackend("simd");
});
afterAll(() => rmSync(root, { recursive: true }));

const never = { requested: false };
/** Asks to stop once the checkpoint or the evaluations of a run are as wanted. */
const once = (condition: () => boolean) => ({
  get requested() {
    return condition();
  },
});
const newRun = (name: string) => startRun(join(root, name), { settings, recipe }, {});
const linesOf = (path: string) =>
  (existsSync(path) ? readFileSync(path, "utf8") : "")
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const { seconds, waitSeconds, memory, ...rest } = JSON.parse(line);
      expect(seconds).toBeGreaterThan(0);
      return rest;
    });

describe("evaluation during training", () => {
  let whole: RunFolder;
  let expected: ReturnType<typeof linesOf>;

  it("comes after every second epoch and the last, and changes no weight", async () => {
    whole = newRun("whole");
    const tensors = tf.memory().numTensors;
    await trainRun({ run: whole, recipe, settings, resume: false, workers: 0, validation, stop: never });
    const left = tf.memory().numTensors - tensors;
    expected = linesOf(whole.validation);
    expect(expected.map(({ step, epoch, split, frames }) => [step, epoch, split, frames])).toEqual([
      [4, 2, "val", 1],
      [8, 4, "val", 1],
      [10, 5, "val", 1],
    ]);
    const plain = newRun("plain");
    await trainRun({ run: plain, recipe, settings, resume: false, workers: 0, stop: never });
    expect(existsSync(plain.validation)).toBe(false);
    expect(readFileSync(plain.checkpoint).equals(readFileSync(whole.checkpoint))).toBe(true);
    expect(linesOf(plain.metrics)).toEqual(linesOf(whole.metrics));
    // the weights of both runs, nothing of the evaluations
    expect(tf.memory().numTensors - tensors).toBe(2 * left);
  });

  it("finds what `eloss eval` finds with the same weights", async () => {
    const { detector, step } = openTrainedDetector(whole);
    const data = openDataSource(settings.data);
    await evaluateRun(whole, detector, { data, split: "val", frames: validation.frames, step });
    detector.network.dispose();
    const { strict, loose } = JSON.parse(readFileSync(whole.evaluation, "utf8"), (key, value) =>
      key === "curve" ? undefined : value,
    );
    expect(strict.car["3d"].moderate.r40).toBeGreaterThanOrEqual(0);
    expect({ strict, loose }).toEqual({ strict: expected[2].strict, loose: expected[2].loose });
  });

  it("goes on after an interruption as if there had been none", async () => {
    const run = newRun("stopped");
    const job = { run, recipe, settings, workers: 0, validation };
    const afterFirst = once(() => existsSync(run.validation) && linesOf(run.metrics).length >= 5);
    expect(await trainRun({ ...job, resume: false, stop: afterFirst })).toMatchObject({ step: 5, interrupted: true });
    // a line of a step that will be made again, and one cut short
    appendFileSync(run.validation, '{"step":8,"epoch":4}\n{"step":');
    await trainRun({ ...job, resume: true, stop: never });
    expect(linesOf(run.validation)).toEqual(expected);
  });

  it("makes up for one that was due when the run was stopped", async () => {
    const run = newRun("due");
    const job = { run, recipe, settings, workers: 0, validation };
    const atFourth = once(() => linesOf(run.metrics).length >= 4);
    expect(await trainRun({ ...job, resume: false, stop: atFourth })).toMatchObject({ step: 4, interrupted: true });
    expect(linesOf(run.validation)).toEqual([]);
    await trainRun({ ...job, resume: true, stop: never });
    expect(linesOf(run.validation)).toEqual(expected);
  });

  it("names frames that are not there before it trains", async () => {
    const run = newRun("missing");
    const wrong = { ...validation, frames: ["000009"] };
    const job = { run, recipe, settings, resume: false, workers: 0, stop: never };
    await expect(trainRun({ ...job, validation: wrong })).rejects.toThrow(/000009\.bin/);
    expect(existsSync(run.metrics)).toBe(false);
  });
});
