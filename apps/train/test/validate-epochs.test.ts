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
import { type RunFolder, runFolder } from "../src/runs/run-folder.js";
import { type TrainingJob, trainRun } from "../src/training/train-run.js";
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
const runOf = (name: string) => runFolder(join(root, name));
/** Trains in a folder of its own. */
const train = (name: string, more: Partial<TrainingJob> = {}) =>
  trainRun({ folder: join(root, name), recipe, settings, backend: {}, workers: 0, validation, stop: never, ...more });
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
    whole = runOf("whole");
    const tensors = tf.memory().numTensors;
    await train("whole");
    const left = tf.memory().numTensors - tensors;
    expected = linesOf(whole.validation);
    expect(expected.map(({ step, epoch, split, frames }) => [step, epoch, split, frames])).toEqual([
      [4, 2, "val", 1],
      [8, 4, "val", 1],
      [10, 5, "val", 1],
    ]);
    const plain = runOf("plain");
    await train("plain", { validation: undefined });
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
    const run = runOf("stopped");
    const stop = once(() => existsSync(run.validation) && linesOf(run.metrics).length >= 5);
    expect(await train("stopped", { stop })).toMatchObject({ step: 5, interrupted: true });
    // a line of a step that will be made again, and one cut short
    appendFileSync(run.validation, '{"step":8,"epoch":4}\n{"step":');
    await train("stopped");
    expect(linesOf(run.validation)).toEqual(expected);
  });

  it.each([4, 10])("makes up for the one after step %i that was due when the run was stopped", async (step) => {
    const run = runOf(`due-${step}`);
    const stop = once(() => linesOf(run.metrics).length >= step);
    expect(await train(`due-${step}`, { stop })).toMatchObject({ step, interrupted: true });
    const before = expected.filter((line) => line.step < step);
    expect(linesOf(run.validation)).toEqual(before);
    expect(await train(`due-${step}`)).toMatchObject({ step: 10, interrupted: false });
    expect(linesOf(run.validation)).toEqual(expected);
  });

  it("ends after the frame at hand when it is asked to stop", async () => {
    const run = runOf("within");
    const frames = [...validation.frames, ...settings.frames];
    // One look before each step and each frame: asked to while the second frame of the first evaluation is at work.
    let looks = 0;
    const stop = {
      get requested() {
        looks += 1;
        return looks > 4 + 2;
      },
    };
    const job = { validation: { ...validation, frames } };
    expect(await train("within", { ...job, stop })).toMatchObject({ step: 4, interrupted: true });
    expect(looks).toBe(4 + 4);
    expect(linesOf(run.validation)).toEqual([]);
    await train("within", job);
    expect(linesOf(run.validation).map((line) => line.step)).toEqual([4, 8, 10]);
  });

  it("names frames that are not there before it trains", async () => {
    const wrong = { ...validation, frames: ["000009"] };
    await expect(train("missing", { validation: wrong })).rejects.toThrow(/000009\.bin/);
    expect(existsSync(runOf("missing").metrics)).toBe(false);
  });
});
