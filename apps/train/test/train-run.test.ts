import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "open-backend";
import { parseSafetensors, parseSafetensorsMetadata, prepareFrame } from "second-detector";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDataSource } from "../src/frames/open-data-source.js";
import { evaluateRun } from "../src/inference/evaluate-run.js";
import { openTrainedDetector } from "../src/inference/open-detector.js";
import { predictFrame } from "../src/inference/predict-frame.js";
import { indexFolderOf } from "../src/prepare/index-file.js";
import { prepareData } from "../src/prepare/prepare-data.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import type { Recipe } from "../src/recipe/recipe-schema.js";
import type { RunSettings } from "../src/runs/run-file.js";
import { createRunFolder, type RunFolder, runFolder } from "../src/runs/run-folder.js";
import { startRun } from "../src/runs/run-request.js";
import { ownFolder } from "../src/system/folder-owner.js";
import { randomStream, shuffledIndices } from "../src/system/random.js";
import { trainRun } from "../src/training/train-run.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const recipe = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
let root: string;
let settings: RunSettings;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "eloss-train-"));
  const data = join(root, "data");
  const frames = await writeTinyScenes(data, { count: 3, seed: 0 });
  settings = { data, split: "all", frames, seed: 0, entropyLoss: true };
  await useBackend("simd");
});
afterAll(() => rmSync(root, { recursive: true }));

/** Trains in a folder of its own and stops when `stopAfter` steps are done. */
async function train(
  name: string,
  changes: Partial<RunSettings & Pick<Recipe["training"], "epochs" | "batchSize">> = {},
  { stopAfter = Number.POSITIVE_INFINITY, workers = 0 } = {},
) {
  const { epochs = 3, batchSize = 2, ...others } = changes;
  const request = {
    settings: { ...settings, ...others },
    recipe: { ...recipe, training: { ...recipe.training, epochs, batchSize } },
  };
  const run = startRun(join(root, name), request, {});
  let looks = 0;
  const stop = {
    get requested() {
      looks += 1;
      return looks > stopAfter;
    },
  };
  const job = { run, ...request, workers, stop };
  const outcome = await trainRun({ ...job, resume: false });
  return { run, outcome };
}

const bytes = (run: RunFolder) => readFileSync(run.checkpoint);
const metricsOf = (run: RunFolder) =>
  readFileSync(run.metrics, "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const { seconds, waitSeconds, memory, ...rest } = JSON.parse(line);
      expect(memory.residentBytes).toBeGreaterThan(memory.tensorBytes);
      expect(waitSeconds).toBeGreaterThan(0);
      expect(seconds).toBeGreaterThan(waitSeconds);
      return rest;
    });

describe("training", () => {
  let whole: RunFolder;

  it("takes every step, logs it and learns", async () => {
    const { run, outcome } = await train("whole");
    whole = run;
    expect(outcome).toMatchObject({ step: 6, totalSteps: 6, interrupted: false });
    expect(outcome.lastEpochLoss).toBeLessThan(outcome.firstEpochLoss);
    const lines = metricsOf(run);
    expect(lines.map((line) => [line.step, line.epoch])).toEqual([1, 1, 2, 2, 3, 3].map((epoch, i) => [i + 1, epoch]));
    for (const { losses, entropy } of lines) {
      expect(losses.total).toBeCloseTo(losses.cls + losses.box + losses.dir + losses.entropy, 5);
      expect(losses.entropy).toBeCloseTo(entropy.l1, 6);
      expect(entropy.blocks.map((block: { entropies: number[] }) => block.entropies.length)).toEqual([3, 3]);
    }
  });

  it("gives the same bytes again", async () => {
    const { run } = await train("again");
    expect(bytes(run).equals(bytes(whole))).toBe(true);
    expect(metricsOf(run)).toEqual(metricsOf(whole));
  });

  it.each([1, 2])("gives the same bytes when %i threads prepare the batches", async (workers) => {
    const { run } = await train(`workers-${workers}`, {}, { workers });
    expect(bytes(run).equals(bytes(whole))).toBe(true);
    expect(metricsOf(run)).toEqual(metricsOf(whole));
  });

  it("is alone in its folder: a second process learns who is there, before anything changes", async () => {
    const { release } = ownFolder(whole.path);
    const before = bytes(whole);
    const request = { settings, recipe: { ...recipe, training: { ...recipe.training, epochs: 3, batchSize: 2 } } };
    const job = { run: whole, ...request, workers: 0, stop: { requested: false }, resume: true };
    await expect(trainRun(job)).rejects.toThrow(`${whole.path}: expected a folder that nobody works in, but process`);
    release();
    expect(bytes(whole).equals(before)).toBe(true);
    expect((await trainRun(job)).step).toBe(6);
    expect(readdirSync(whole.path).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("resumed without a checkpoint, or with what a killed process left of one, begins again", async () => {
    const { run, outcome } = await train("early", {}, { stopAfter: 0 });
    expect(outcome.step).toBe(0);
    rmSync(run.checkpoint, { force: true });
    const left = `${run.checkpoint}.4194305.tmp`;
    writeFileSync(left, "half");
    const request = { settings, recipe: { ...recipe, training: { ...recipe.training, epochs: 3, batchSize: 2 } } };
    await trainRun({ run, ...request, workers: 0, stop: { requested: false }, resume: true });
    expect(bytes(run).equals(bytes(whole))).toBe(true);
    expect(metricsOf(run)).toEqual(metricsOf(whole));
    expect(existsSync(left)).toBe(false);
  });

  it("keeps the last finished step when a frame goes bad, and goes on from it when it is mended", async () => {
    const data = join(root, "spoilt");
    const frames = await writeTinyScenes(data, { count: 3, seed: 0 });
    const scan = join(data, "training", "velodyne", `${frames[2]}.bin`);
    const good = readFileSync(scan);
    writeFileSync(scan, good.subarray(0, 17));
    const request = {
      settings: { ...settings, data, frames },
      recipe: { ...recipe, training: { ...recipe.training, epochs: 3, batchSize: 1 } },
    };
    const run = startRun(join(root, "bad-frame"), request, {});
    const job = { run, ...request, workers: 0, stop: { requested: false } };
    await expect(trainRun({ ...job, resume: false })).rejects.toThrow(frames[2]);
    writeFileSync(scan, good);
    // In the order of seed 0 a good frame comes first; the checkpoint is of the last line of the metrics.
    const done = metricsOf(run).length;
    expect(done).toBeGreaterThan(0);
    expect(parseSafetensorsMetadata(bytes(run)).get("step")).toBe(String(done));
    const { step } = await trainRun({ ...job, resume: true });
    expect({ step, steps: metricsOf(run).map((line) => line.step) }).toEqual({
      step: 9,
      steps: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    });
  });

  it("gives others with another seed, and without the loss", async () => {
    expect(bytes((await train("seed", { seed: 1 })).run).equals(bytes(whole))).toBe(false);
    const { run } = await train("without", { entropyLoss: false });
    expect(bytes(run).equals(bytes(whole))).toBe(false);
    // The first step starts from the same weights: same detection loss, same entropies, none of them in the total.
    const [without, with_] = [metricsOf(run)[0], metricsOf(whole)[0]];
    expect(without.losses.det).toBe(with_.losses.det);
    expect(without.losses.total).toBe(without.losses.det);
    without.entropy.blocks.forEach((block: { entropies: number[] }, i: number) => {
      expect(block.entropies).toEqual(with_.entropy.blocks[i].entropies);
    });
  });

  it.each([1, 2, 3])("goes on after step %i as if it had never stopped", async (stopAfter) => {
    const { run, outcome } = await train(`stopped-${stopAfter}`, {}, { stopAfter, workers: stopAfter % 2 });
    expect(outcome).toMatchObject({ step: stopAfter, interrupted: true });
    const job = { run, recipe, settings, workers: 1, stop: { requested: false } };
    const resumed = await trainRun({ ...job, resume: true });
    expect(resumed).toMatchObject({ step: 6, interrupted: false });
    expect(bytes(run).equals(bytes(whole))).toBe(true);
    expect(metricsOf(run)).toEqual(metricsOf(whole));
  });

  it("goes on as if it had never stopped where scans are augmented", async () => {
    const scene = { mirror: 0.5, rotation: 0.5, scaling: [0.9, 1.1], translation: 0.1 } as const;
    const augmented = { ...recipe, augmentation: { sampling: [{ class: "Car", count: 9, minPoints: 5 }], scene } };
    const settingsOf = (name: string) => ({ run: createRunFolder(join(root, name)), recipe: augmented, settings });
    const [whole, parts] = [settingsOf("augmented"), settingsOf("augmented-parts")];
    const indexFolder = indexFolderOf(settings.data);
    await prepareData({
      data: openDataSource(settings.data),
      frames: settings.frames,
      folder: indexFolder,
      workers: 0,
    });
    await trainRun({ ...whole, indexFolder, resume: false, workers: 1, stop: { requested: false } });
    let looks = 0;
    const stop = {
      get requested() {
        looks += 1;
        return looks > 3;
      },
    };
    await trainRun({ ...parts, indexFolder, resume: false, workers: 0, stop });
    await trainRun({ ...parts, indexFolder, resume: true, workers: 0, stop: { requested: false } });
    expect(bytes(parts.run).equals(bytes(whole.run))).toBe(true);
  });

  it("computes on the fast backend what TensorFlow.js's plain one computes", async () => {
    await useBackend("cpu");
    const { run } = await train("cpu", { epochs: 1 });
    await useBackend("simd");
    const [plain, fast] = [metricsOf(run)[0], metricsOf(whole)[0]];
    // Same weights, same batch; float32 sums in another order through some twenty layers.
    for (const term of ["total", "cls", "box", "dir", "entropy"]) {
      expect(Math.abs(plain.losses[term] - fast.losses[term])).toBeLessThan(1e-4 * Math.abs(fast.losses[term]));
    }
    expect(Math.abs(plain.gradientNorm - fast.gradientNorm)).toBeLessThan(1e-3 * fast.gradientNorm);
  });

  it("keeps no tensors between steps", async () => {
    const before = tf.memory().numTensors;
    const { run } = await train("memory", { epochs: 1 });
    // What stays is the state of the run itself: weights, running statistics, moments; the optimiser's step is a number.
    const names = [...parseSafetensors(bytes(run)).keys()].filter((name) => name !== "optimizer/step");
    const one = tf.memory().numTensors - before;
    expect(one).toBe(names.length);
    await train("memory-2", { epochs: 2 });
    expect(tf.memory().numTensors - before).toBe(2 * one);
  });
});

describe("evaluation", () => {
  it("writes result files, and perfect detections set the ceiling", async () => {
    const { run } = await train("evaluated", { epochs: 1 });
    const { detector, step } = openTrainedDetector(run);
    const { frames } = settings;
    const data = openDataSource(settings.data);
    const evaluation = await evaluateRun(run, detector, { data, split: "all", frames, step });
    expect(evaluation.step).toBe(2);
    for (const id of frames) expect(existsSync(join(run.predictions("all"), `${id}.txt`))).toBe(true);
    const saved = JSON.parse(readFileSync(run.evaluation, "utf8"));
    expect(saved.frames).toBe(3);
    expect(saved.ids).toEqual(frames);
    expect(saved.ceiling.strict.car["3d"].moderate.r40).toBeGreaterThan(0);
  });

  it("finds nothing in an empty frame", async () => {
    const { run } = await train("empty", { epochs: 1 });
    const { detector } = openTrainedDetector(run);
    const { detector: config } = recipe;
    const nothing = prepareFrame(new Float32Array(0), config);
    const found = await predictFrame(
      { ...detector, config: { ...config, predict: { ...config.predict, scoreThreshold: 0.9 } } },
      { voxels: nothing },
    );
    expect(found.scores.length).toBe(0);
  });
});

describe("awkward data", () => {
  it("trains on an empty scan and on frames without objects", async () => {
    const data = join(root, "awkward");
    const frames = await writeTinyScenes(data, { count: 2, seed: 3 });
    writeFileSync(join(data, "training", "velodyne", "000000.bin"), "");
    for (const id of frames) writeFileSync(join(data, "training", "label_2", `${id}.txt`), "");
    const { outcome, run } = await train("awkward-run", { data, frames, epochs: 1, batchSize: 1 });
    expect(outcome.step).toBe(2);
    for (const { losses } of metricsOf(run)) expect(Number.isFinite(losses.total)).toBe(true);
  });

  it.each([
    [
      "a NaN coordinate",
      "velodyne/000000.bin",
      new Uint8Array(new Float32Array([1, Number.NaN, 0, 0]).buffer),
      /000000\.bin.*byte offset 4/,
    ],
    ["half a point", "velodyne/000000.bin", new Uint8Array(24), /000000\.bin.*16/],
    [
      "an unknown class",
      "label_2/000000.txt",
      Buffer.from("Horse 0 0 0 1 1 50 50 1 1 1 1 1 1 0\n"),
      /000000\.txt:1.*Horse/,
    ],
  ])("names the place of %s, whoever reads it", async (what, file, content, message) => {
    const data = join(root, "broken");
    const frames = await writeTinyScenes(data, { count: 1, seed: 0 });
    writeFileSync(join(data, "training", file), content);
    for (const workers of [0, 1]) {
      const broken = train(`broken-${what}-${workers}`, { data, frames, epochs: 1 }, { workers });
      await expect(broken).rejects.toThrow(message);
      await expect(broken).rejects.toThrow(/^frame 000000: /);
    }
  });

  it.each([0, 1])("takes the steps that come before a broken frame, with %i workers", async (workers) => {
    const data = join(root, `later-${workers}`);
    const frames = await writeTinyScenes(data, { count: 3, seed: 0 });
    writeFileSync(join(data, "training", "velodyne", "000002.bin"), new Uint8Array(24));
    const name = `later-run-${workers}`;
    const changes = { data, frames, seed: 1, epochs: 1, batchSize: 1 };
    await expect(train(name, changes, { workers })).rejects.toThrow(/^frame 000002: /);
    // With this seed the broken frame comes last.
    expect(shuffledIndices(3, randomStream(1, "order of epoch 0"))[2]).toBe(2);
    expect(metricsOf(runFolder(join(root, name))).map((line) => line.step)).toEqual([1, 2]);
  });
});
