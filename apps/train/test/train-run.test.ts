import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "open-backend";
import { parseSafetensors, parseSafetensorsMetadata, prepareFrame } from "second-detector";
import { itUnless } from "test-support";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDataSource } from "../src/frames/open-data-source.js";
import { evaluateRun } from "../src/inference/evaluate-run.js";
import { openTrainedDetector } from "../src/inference/open-detector.js";
import { predictFrame } from "../src/inference/predict-frame.js";
import { indexFolderOf } from "../src/prepare/index-file.js";
import { prepareData } from "../src/prepare/prepare-data.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import type { Recipe } from "../src/recipe/recipe-schema.js";
import { type RunSettings, readRunFile } from "../src/runs/run-file.js";
import { type RunFolder, runFolder } from "../src/runs/run-folder.js";
import { OWNER_FILE, ownFolder } from "../src/system/folder-owner.js";
import { randomStream, shuffledIndices } from "../src/system/random.js";
import { type TrainingJob, trainRun } from "../src/training/train-run.js";
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

const never = { requested: false };

/** A wish to stop once `steps` steps are done. */
function stopAfter(steps: number) {
  let looks = 0;
  return {
    get requested() {
      looks += 1;
      return looks > steps;
    },
  };
}

type Changes = Partial<RunSettings & Pick<Recipe["training"], "epochs" | "batchSize" | "repeats">>;

/** Six steps in a folder of their own, but for the changes. */
function jobOf(name: string, { epochs = 3, batchSize = 2, repeats, ...others }: Changes = {}): TrainingJob {
  return {
    folder: join(root, name),
    settings: { ...settings, ...others },
    recipe: { ...recipe, training: { ...recipe.training, epochs, batchSize, ...(repeats && { repeats }) } },
    backend: {},
    workers: 0,
    stop: never,
  };
}

async function train(name: string, changes: Changes = {}, more: Partial<TrainingJob> = {}) {
  const job = jobOf(name, changes);
  return { run: runFolder(job.folder), outcome: await trainRun({ ...job, ...more }) };
}

const bytes = (run: RunFolder) => readFileSync(run.checkpoint);
const stepOf = (run: RunFolder) => Number(parseSafetensorsMetadata(bytes(run)).get("step"));
/** Leaves files as a process that was killed while it wrote them would. */
function cut(...paths: string[]): void {
  for (const path of paths) writeFileSync(path, '{"step":');
}
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
    expect(outcome.lastEpochLoss).toBeLessThan(outcome.firstEpochLoss!);
    const lines = metricsOf(run);
    expect(lines.map((line) => [line.step, line.epoch])).toEqual([1, 1, 2, 2, 3, 3].map((epoch, i) => [i + 1, epoch]));
    for (const { losses, entropy } of lines) {
      expect(losses.total).toBeCloseTo(losses.cls + losses.box + losses.dir + losses.entropy, 5);
      expect(losses.entropy).toBeCloseTo(entropy.l1, 6);
      expect(entropy.blocks.map((block: { entropies: number[] }) => block.entropies.length)).toEqual([3, 3]);
    }
  });

  it("repeats the frames within an epoch: the steps of as many passes, counted in fewer epochs", async () => {
    const { run, outcome } = await train("repeated", { epochs: 1, repeats: 3 });
    expect(outcome.totalSteps).toBe(6);
    expect(metricsOf(run)).toEqual(metricsOf(whole).map((line) => ({ ...line, epoch: 1 })));
    expect(bytes(run).equals(bytes(whole))).toBe(true);
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
    await expect(train("whole")).rejects.toThrow(`${whole.path}: expected a folder that nobody works in, but process`);
    release();
    expect(bytes(whole).equals(before)).toBe(true);
  });

  it("takes over what is finished, and refuses another run or something else in its folder", async () => {
    const before = bytes(whole);
    const { outcome } = await train("whole");
    const [first, , last] = [0, 1, 2].map((i) => {
      const [one, other] = metricsOf(whole).slice(2 * i, 2 * i + 2);
      return (one.losses.total + other.losses.total) / 2;
    });
    expect(outcome).toMatchObject({ step: 6, interrupted: false, firstEpochLoss: first, lastEpochLoss: last });
    expect(bytes(whole).equals(before)).toBe(true);
    expect(readdirSync(whole.path).filter((name) => name.startsWith("."))).toEqual([]);
    await expect(train("whole", { seed: 1 })).rejects.toThrow(
      "seed is 0 there and 1 here; give the recipe and options of that run, choose another folder, or delete that one",
    );
    await expect(train("data")).rejects.toThrow(
      "expected a new or empty folder, or one that holds this run, found training",
    );
  });

  it.each<[string, (run: RunFolder) => void]>([
    ["nothing", (run) => rmSync(run.path, { recursive: true })],
    ["half a recipe", (run) => cut(`${run.config}.4194305.tmp`)],
    ["its recipe alone", (run) => rmSync(run.settings)],
    ["no checkpoint", () => {}],
    ["a line without its end and half a checkpoint", (run) => cut(run.metrics, `${run.checkpoint}.4194305.tmp`)],
    ["the owner file of a dead process", (run) => writeFileSync(join(run.path, OWNER_FILE), "{")],
  ])("begins again where %s is left of a process that was killed", async (what, damage) => {
    const { run } = await train(`begun: ${what}`, {}, { stop: stopAfter(0) });
    expect(readdirSync(run.path).sort()).toEqual(["config.yaml", "run.json"]);
    damage(run);
    await train(`begun: ${what}`);
    expect(bytes(run).equals(bytes(whole))).toBe(true);
    expect(metricsOf(run)).toEqual(metricsOf(whole));
    expect(readdirSync(run.path).sort()).toEqual(readdirSync(whole.path).sort());
  });

  it("keeps the last finished step when a frame goes bad, says so, and goes on from it when it is mended", async () => {
    const data = join(root, "spoilt");
    const frames = await writeTinyScenes(data, { count: 3, seed: 0 });
    const scan = join(data, "training", "velodyne", `${frames[2]}.bin`);
    const good = readFileSync(scan);
    writeFileSync(scan, good.subarray(0, 17));
    const changes = { data, frames, batchSize: 1 };
    await expect(train("bad-frame", changes)).rejects.toThrow(frames[2]);
    writeFileSync(scan, good);
    // In the order of seed 0 a good frame comes first; the checkpoint is of the last line of the metrics.
    const run = runFolder(join(root, "bad-frame"));
    const done = metricsOf(run).length;
    expect(done).toBeGreaterThan(0);
    expect(stepOf(run)).toBe(done);
    expect(readRunFile(run).ended).toMatchObject({ step: done, reason: expect.stringMatching(/^frame 000002: /) });
    const { outcome } = await train("bad-frame", changes);
    expect({ step: outcome.step, steps: metricsOf(run).map((line) => line.step) }).toEqual({
      step: 9,
      steps: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    });
    expect(readRunFile(run).ended).toBeUndefined();
  });

  it("keeps a checkpoint in the middle of an epoch when its time has come, and goes on from it as from any", async () => {
    // Seven minutes a step: due after steps 2, 4 and 6 but for those that end an epoch of three steps and reset the time.
    let now = 0;
    const kept: number[] = [];
    const run = runFolder(join(root, "minutes"));
    const clock = { now: () => now, pause: async () => {} };
    const stop = {
      get requested() {
        now += 7 * 60_000;
        const step = existsSync(run.checkpoint) ? stepOf(run) : 0;
        if (step !== (kept.at(-1) ?? 0)) kept.push(step);
        return false;
      },
    };
    const changes = { batchSize: 1, epochs: 2 };
    const { run: other } = await train("minutes-whole", changes);
    await train("minutes", changes, { stop, clock });
    expect(kept).toEqual([2, 3, 5]);
    expect(stepOf(run)).toBe(6);
    expect(bytes(run).equals(bytes(other))).toBe(true);

    // As if it had been killed after step 4: the lines are ahead of the checkpoint.
    rmSync(run.path, { recursive: true });
    await train("minutes", changes, { stop: stopAfter(2) });
    const checkpoint = bytes(run);
    await train("minutes", changes, { stop: stopAfter(2) });
    writeFileSync(run.checkpoint, checkpoint);
    expect(metricsOf(run)).toHaveLength(4);
    await train("minutes", changes);
    expect(bytes(run).equals(bytes(other))).toBe(true);
    expect(metricsOf(run)).toEqual(metricsOf(other));
  });

  it("is kept after every step if nothing may be lost", async () => {
    const run = runFolder(join(root, "every-step"));
    const steps: number[] = [];
    const stop = {
      get requested() {
        steps.push(existsSync(run.checkpoint) ? stepOf(run) : 0);
        return false;
      },
    };
    await train("every-step", { batchSize: 1, epochs: 1 }, { stop, checkpointEvery: 0 });
    expect(steps.slice(0, 3)).toEqual([0, 1, 2]);
  });

  const noFull = existsSync("/dev/full") ? undefined : "this system has no /dev/full";
  itUnless(noFull, "waits for room on a full disk, keeps the step and goes on from it", async () => {
    const run = runFolder(join(root, "full"));
    const lines = join(root, "full-lines");
    // The third line finds no room, for three looks.
    let looks = 0;
    const stop = {
      get requested() {
        looks += 1;
        if (looks === 3) {
          renameSync(run.metrics, lines);
          symlinkSync("/dev/full", run.metrics);
        }
        return false;
      },
    };
    const pauses: number[] = [];
    const clock = {
      now: () => 0,
      async pause(milliseconds: number) {
        pauses.push(milliseconds);
        if (pauses.length === 3) renameSync(lines, run.metrics);
      },
    };
    await expect(train("full", {}, { stop, clock })).rejects.toThrow(`cannot write ${run.metrics}: ENOSPC`);
    expect(pauses).toEqual([1000, 1000, 1000]);
    expect(stepOf(run)).toBe(3);
    expect(metricsOf(run)).toHaveLength(3);
    expect(readRunFile(run).ended).toMatchObject({ step: 3, reason: expect.stringContaining("make room there") });
    await train("full");
    expect(bytes(run).equals(bytes(whole))).toBe(true);
    expect(metricsOf(run)).toEqual(metricsOf(whole));
  });

  itUnless(noFull, "waits ten minutes for room, and for nothing else", async () => {
    let now = 0;
    const clock = { now: () => now, pause: async (milliseconds: number) => (now += milliseconds) };
    const inTheWay = (name: string, put: (run: RunFolder) => void) => {
      const run = runFolder(join(root, name));
      const stop = {
        get requested() {
          if (!existsSync(run.metrics)) put(run);
          return false;
        },
      };
      return train(name, {}, { stop, clock });
    };
    const full = inTheWay("no-room", (run) => symlinkSync("/dev/full", run.metrics));
    await expect(full).rejects.toThrow("ENOSPC");
    expect(now).toBe(600_000);
    await expect(inTheWay("folder", (run) => mkdirSync(run.metrics))).rejects.toThrow("EISDIR");
    expect(now).toBe(600_000);
  });

  it("says what asked it to stop", async () => {
    const stop = { requested: true, reason: "SIGTERM" };
    const { run, outcome } = await train("asked", {}, { stop });
    expect(outcome).toMatchObject({ step: 0, interrupted: true, firstEpochLoss: undefined });
    expect(readRunFile(run).ended).toEqual({ step: 0, reason: "SIGTERM", time: expect.stringMatching(/^20/) });
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

  it.each([1, 2, 3])("goes on after step %i as if it had never stopped", async (steps) => {
    const { run, outcome } = await train(`stopped-${steps}`, {}, { stop: stopAfter(steps), workers: steps % 2 });
    expect(outcome).toMatchObject({ step: steps, interrupted: true });
    const { outcome: resumed } = await train(`stopped-${steps}`, {}, { workers: 1 });
    expect(resumed).toMatchObject({ step: 6, interrupted: false });
    expect(bytes(run).equals(bytes(whole))).toBe(true);
    expect(metricsOf(run)).toEqual(metricsOf(whole));
  });

  it("goes on as if it had never stopped where scans are augmented", async () => {
    const scene = { mirror: 0.5, rotation: 0.5, scaling: [0.9, 1.1], translation: 0.1 } as const;
    const augmented = { ...recipe, augmentation: { sampling: [{ class: "Car", count: 9, minPoints: 5 }], scene } };
    const indexFolder = indexFolderOf(settings.data);
    await prepareData({
      data: openDataSource(settings.data),
      frames: settings.frames,
      folder: indexFolder,
      workers: 0,
    });
    const more = { recipe: augmented, indexFolder };
    const { run } = await train("augmented", {}, { ...more, workers: 1 });
    await train("augmented-parts", {}, { ...more, stop: stopAfter(3) });
    const { run: parts } = await train("augmented-parts", {}, more);
    expect(bytes(parts).equals(bytes(run))).toBe(true);
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
    expect(evaluation!.step).toBe(2);
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
      "a scan beyond any scanner's reach",
      "velodyne/000000.bin",
      new Uint8Array(new Float32Array([1, 1e30, 0, 0]).buffer),
      /000000\.bin.*beyond 100 km/,
    ],
    ["half a point", "velodyne/000000.bin", new Uint8Array(24), /000000\.bin.*16/],
    [
      "a label without height",
      "label_2/000000.txt",
      Buffer.from("Horse 0 0 0 1 1 50 50 0 1 1 1 1 1 0\n"),
      /000000\.txt: object 1 \(Horse\)/,
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
