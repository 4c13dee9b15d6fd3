import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { parseSafetensors, type Weights } from "second-detector";
import { temporaryFolder } from "test-support";
import { beforeAll, describe, expect, it } from "vitest";
import { openDataSource } from "../src/frames/open-data-source.js";
import { evaluateRun } from "../src/inference/evaluate-run.js";
import { openTrainedDetector } from "../src/inference/open-detector.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { runFolder } from "../src/runs/run-folder.js";
import { readValidations } from "../src/runs/run-records.js";
import { startBackend } from "../src/system/start-backend.js";
import { readCheckpointModel } from "../src/training/checkpoint.js";
import { type TrainingJob, trainRun } from "../src/training/train-run.js";
import { WeightAverage } from "../src/training/weight-average.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

beforeAll(() => startBackend("simd"));

describe("WeightAverage", () => {
  const weightsOf = (trainable: number, running: number): Weights => ({
    trainable: new Map([["w", tf.variable(tf.tensor1d([trainable, -trainable]))]]),
    frozen: new Map([["f", tf.variable(tf.scalar(7), false)]]),
    running: new Map([["m", tf.variable(tf.scalar(running), false)]]),
  });
  const set = (weights: Weights, trainable: number, running: number) => {
    weights.trainable.get("w")!.assign(tf.tensor1d([trainable, -trainable]));
    weights.running.get("m")!.assign(tf.scalar(running));
  };

  it("by hand: of 11, 22, 10 with decay 0.2 it is 20, then 12", async () => {
    // d₁ = 2/11 < 0.2: a₁ = 11 + (9/11)(22 − 11) = 20; d₂ = min(0.2, 3/12) = 0.2: a₂ = 20 + 0.8 (10 − 20) = 12
    const weights = weightsOf(11, 1.1);
    const average = new WeightAverage(weights, { decay: 0.2 });
    const found = async () => {
      const arrays = await average.toArrays();
      expect([...arrays.keys()]).toEqual(["w", "m"]);
      return [...arrays.get("w")!.data, arrays.get("m")!.data[0]];
    };
    expect(await found()).toEqual([11, -11, Math.fround(1.1)]);
    set(weights, 22, 2.2);
    average.update(weights, 1);
    (await found()).forEach((value, i) => {
      expect(value).toBeCloseTo([20, -20, 2][i], 5);
    });
    set(weights, 10, 1);
    average.update(weights, 2);
    (await found()).forEach((value, i) => {
      expect(value).toBeCloseTo([12, -12, 1.2][i], 5);
    });
    expect([...weights.trainable.get("w")!.dataSync()]).toEqual([10, -10]);
  });

  it("is the plain sum of all weights, each by the product of what has stayed since", async () => {
    const values = [3, -1, 4, 1, -5, 9, 2, -6, 5, 3, 5, -8];
    const decay = 0.6;
    const weights = weightsOf(values[0], 0);
    const average = new WeightAverage(weights, { decay });
    values.slice(1).forEach((value, i) => {
      set(weights, value, 0);
      average.update(weights, i + 1);
    });
    const d = (t: number) => Math.min(decay, (1 + t) / (10 + t));
    let expected = 0;
    values.forEach((value, t) => {
      let share = t === 0 ? 1 : 1 - d(t);
      for (let later = t + 1; later < values.length; later++) share *= d(later);
      expected += share * value;
    });
    expect((await average.toArrays()).get("w")!.data[0]).toBeCloseTo(expected, 5);
  });

  it("refuses a decay of 1 and averages of another detector", async () => {
    const average = new WeightAverage(weightsOf(1, 1), { decay: 0.5 });
    expect(() => new WeightAverage(weightsOf(1, 1), { decay: 1 })).toThrow(
      "WeightAverage: expected 0 or more and below 1 for decay, got 1",
    );
    expect(() => average.restore(new Map([["w", { shape: [2], data: new Float32Array(2) }]]))).toThrow("m");
  });

  it("frees what it keeps", () => {
    const weights = weightsOf(1, 1);
    const before = tf.memory().numTensors;
    const average = new WeightAverage(weights, { decay: 0.5 });
    average.update(weights, 1);
    expect(tf.memory().numTensors).toBe(before + 2);
    average.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("training with a running average", () => {
  const root = temporaryFolder("eloss-average");
  const tiny = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
  /** Takes every candidate for a box: after few steps there would be none otherwise. */
  const detector = { ...tiny.detector, predict: { ...tiny.detector.predict, scoreThreshold: 0 } };
  const recipeOf = (ema?: { decay: number }) => ({
    ...tiny,
    detector,
    training: { ...tiny.training, batchSize: 1, ...(ema && { ema }) },
  });
  const runOf = (name: string) => runFolder(join(root, name));
  let job: Omit<TrainingJob, "folder">;
  beforeAll(async () => {
    const data = join(root, "data");
    const [first, ...frames] = await writeTinyScenes(data, { count: 3, seed: 0 });
    const settings = { data, split: "train", frames, seed: 0, entropyLoss: true };
    const validation = { every: 1, split: "val", frames: [first] };
    job = {
      recipe: recipeOf({ decay: 0.9 }),
      settings,
      validation,
      backend: {},
      workers: 0,
      stop: { requested: false },
    };
    await trainRun({ ...job, folder: join(root, "whole") });
  });
  const tensorsOf = (name: string) => parseSafetensors(readFileSync(runOf(name).checkpoint));

  it("takes the same steps as without: the rest of the checkpoint is the same", async () => {
    await trainRun({ ...job, recipe: recipeOf(), folder: join(root, "plain") });
    const [whole, plain] = [tensorsOf("whole"), tensorsOf("plain")];
    const averages = [...whole.keys()].filter((name) => name.startsWith("average/"));
    const changing = [...plain.keys()].filter((name) => name.startsWith("model/"));
    expect(averages.map((name) => name.slice(8)).sort()).toEqual(changing.map((name) => name.slice(6)).sort());
    for (const name of averages) whole.delete(name);
    expect([...whole.keys()]).toEqual([...plain.keys()]);
    for (const [name, { data }] of plain) expect(whole.get(name)!.data, name).toEqual(data);
  });

  it.each([1, 3])("goes on after step %i with the same bytes", async (step) => {
    let looks = 0;
    const stop = {
      get requested() {
        looks += 1;
        return looks > step;
      },
    };
    const folder = join(root, `stopped-${step}`);
    expect(await trainRun({ ...job, validation: undefined, stop, folder })).toMatchObject({ step, interrupted: true });
    await trainRun({ ...job, folder });
    const [whole, stopped] = [runOf("whole"), runFolder(folder)].map(({ checkpoint }) => readFileSync(checkpoint));
    expect(stopped.equals(whole)).toBe(true);
  });

  it("is what an opened run has, unless the last weights are asked for, and both are evaluated", async () => {
    const run = runOf("whole");
    const [average, last] = [undefined, "last" as const].map((kind) => readCheckpointModel(run.checkpoint, kind));
    expect([average.kind, last.kind]).toEqual(["average", "last"]);
    expect(average.model.get("head.cls.bias")!.data).not.toEqual(last.model.get("head.cls.bias")!.data);
    const lines = readValidations(run);
    expect(lines.map(({ average }) => average === undefined)).toEqual([true, true, false]);
    const data = openDataSource(job.settings.data);
    for (const kind of ["average", "last"] as const) {
      const opened = openTrainedDetector(run, kind === "last" ? kind : undefined);
      const { frames, split } = job.validation!;
      const { step } = opened;
      const found = await evaluateRun(run, opened.detector, { data, split, frames, step, weights: opened.kind });
      opened.detector.network.dispose();
      expect(found!.weights).toBe(kind);
      expect(JSON.parse(readFileSync(run.evaluation, "utf8")).weights).toBe(kind);
      const { strict } = kind === "last" ? lines[2] : lines[2].average!;
      expect(found!.official!.result.strict.car["3d"]!.moderate.r40).toBe(strict!.car["3d"]!.moderate.r40);
    }
  });

  it("a run without one has none to give", () => {
    expect(readCheckpointModel(runOf("plain").checkpoint).kind).toBe("last");
    expect(() => readCheckpointModel(runOf("plain").checkpoint, "average")).toThrow(
      "expected an average of the weights, got none; its recipe had no training.ema",
    );
  });
});
