import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { itUnless } from "test-support";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { openRecipe } from "../src/recipe/open-recipe.js";
import type { Recipe } from "../src/recipe/recipe-schema.js";
import { differences } from "../src/runs/differences.js";
import { readRunFile } from "../src/runs/run-file.js";
import { createRunFolder, forgetRun, openRunFolder, type RunFolder } from "../src/runs/run-folder.js";
import {
  appendLine,
  lastStep,
  readLines,
  readStepNumbers,
  truncateLines,
  writtenNumber,
} from "../src/runs/run-lines.js";
import { holdsRun, openSameRun, type RunRequest, readRunRequest, startRun } from "../src/runs/run-request.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "eloss-run-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const recipe = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
const settings = { data: "kitti", split: "train", frames: ["000000", "000001"], seed: 0, entropyLoss: true };
const request: RunRequest = { settings, recipe };
const start = () => startRun(join(root, "a"), request, { description: "a backend", notes: ["a note"] });

describe("run folder", () => {
  it("keeps what the run was asked for", () => {
    expect(readRunRequest(start())).toEqual(request);
    expect(holdsRun(openRunFolder(join(root, "a")))).toBe(true);
  });

  it("keeps what it ran on", () => {
    const { environment } = readRunFile(start());
    expect(environment).toMatchObject({ node: process.version, description: "a backend", notes: ["a note"] });
  });

  it("keeps the detections of each split apart, whatever it is called and however long", () => {
    const name = (split: string) => basename(createRunFolder(root).predictions(split));
    const ids = Array.from({ length: 60 }, (_, i) => String(i).padStart(6, "0"));
    expect([name("val"), name("lists/mine.txt"), name("训练"), name("验证")]).toEqual([
      "val",
      "lists_mine_txt",
      "训练",
      "验证",
    ]);
    const long = [ids, ids.slice(1), ids.toReversed()].map((list) => name(list.join(",")));
    expect(new Set(long).size).toBe(3);
    for (const each of [...long, name("街".repeat(200))]) mkdirSync(join(root, `${each}.part`));
  });

  it("does not write over another run", () => {
    writeFileSync(join(root, "something"), "");
    expect(() => createRunFolder(root)).toThrow(/expected a new or empty folder/);
  });

  it("of a run that took no step nothing is left, what TensorBoard reads neither: another may begin there", () => {
    const run = start();
    for (const file of [run.metrics, run.validation, run.events]) writeFileSync(file, "");
    forgetRun(run);
    expect(readdirSync(run.path)).toEqual([]);
    startRun(run.path, { ...request, settings: { ...settings, seed: 1 } }, {});
  });

  it("says what is missing in a folder that is no run", () => {
    expect(() => openRunFolder(root)).toThrow(/config\.yaml is missing/);
  });

  const edit = (change: (file: { settings: Record<string, unknown> }) => void) => (run: RunFolder) => {
    const file = JSON.parse(readFileSync(run.settings, "utf8"));
    change(file);
    writeFileSync(run.settings, JSON.stringify(file));
  };
  it.each<[string, (run: RunFolder) => void, string]>([
    ["no JSON", (run) => writeFileSync(run.settings, "{"), 'run.json: expected JSON, got "{"'],
    ["no settings", (run) => writeFileSync(run.settings, "{}"), "run.json: settings: expected object, got nothing"],
    ["another type", edit((file) => (file.settings.seed = "0")), 'run.json: settings.seed: expected number, got "0"'],
    ["a frame", edit((file) => (file.settings.frames = [7])), "run.json: settings.frames[0]: expected string, got 7"],
    ["an unknown key", edit((file) => (file.settings.epochs = 3)), "run.json: settings.epochs: expected no such key"],
    [
      "no recipe",
      (run) => writeFileSync(run.config, "name: tiny"),
      "config.yaml: detector: expected object, got nothing",
    ],
  ])("names file and key of %s", (_, damage, message) => {
    const run = start();
    damage(run);
    expect(() => readRunRequest(run)).toThrow(message);
  });
});

describe("the same run", () => {
  const open = (changes: Partial<RunRequest>) => openSameRun(join(root, "a"), { ...request, ...changes }, "do this");
  const training = (changes: Partial<Recipe["training"]>) => ({
    recipe: { ...recipe, training: { ...recipe.training, ...changes } },
  });
  const detector = (changes: Partial<Recipe["detector"]>) => ({
    recipe: { ...recipe, detector: { ...recipe.detector, ...changes } },
  });

  it("is one of the same request, wherever the data lies and whatever the order of keys", () => {
    const run = start();
    expect(open({ settings: { ...settings, data: "moved", split: "moved/train.txt" } })).toMatchObject({
      path: run.path,
    });
    const keysTurned = (_: string, value: unknown) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value;
    const turned = JSON.stringify(parse(readFileSync(run.config, "utf8")), keysTurned);
    expect(Object.keys(JSON.parse(turned))[0]).not.toBe("name");
    writeFileSync(run.config, stringify(JSON.parse(turned)));
    expect(open({})).toMatchObject({ path: run.path });
  });

  const [car] = recipe.detector.classes;
  it.each<[string, () => Partial<RunRequest>, string]>([
    ["seed", () => ({ settings: { ...settings, seed: 1 } }), "seed is 0 there and 1 here"],
    ["frames", () => ({ settings: { ...settings, frames: ["000000", "000002"] } }), 'frames[1] is "000001" there and'],
    [
      "fewer frames",
      () => ({ settings: { ...settings, frames: [] } }),
      'frames is ["000000","000001"] there and [] here',
    ],
    [
      "weights",
      () => ({ settings: { ...settings, imageWeights: "r" } }),
      'imageWeights is left out there and "r" here',
    ],
    [
      "weights to begin with",
      () => ({ settings: { ...settings, initialWeights: { path: "r", sha256: "ab" } } }),
      'initialWeights is left out there and "ab" here',
    ],
    ["loss", () => ({ settings: { ...settings, entropyLoss: false } }), "entropyLoss is true there and false here"],
    [
      "a learning rate",
      () => training({ learningRate: 0.001 }),
      "recipe.training.learningRate is 0.0003 there and 0.001 here; do this",
    ],
    [
      "a class weight",
      () => detector({ loss: { ...recipe.detector.loss, classWeight: 2 } }),
      "recipe.detector.loss.classWeight is 1 there and 2 here",
    ],
    [
      "no class more",
      () => detector({ classes: [car, { ...car, name: "Van" }] }),
      "recipe.detector.classes is a list of 1",
    ],
    [
      "augmentation",
      () => ({ recipe: { ...recipe, augmentation: { scene: undefined } } }),
      "recipe.augmentation is left out there and {} here",
    ],
  ])("is none of another %s", (_, changes, message) => {
    start();
    expect(() => open(changes())).toThrow(message);
  });

  it("is none of another order of classes", () => {
    const classes = [car, { ...car, name: "Van" }];
    const asked = { settings, ...detector({ classes }) };
    startRun(join(root, "b"), asked, {});
    const turned = { settings, ...detector({ classes: [...classes].reverse() }) };
    expect(() => openSameRun(join(root, "b"), turned, "do this")).toThrow(
      'recipe.detector.classes[0].name is "Car" there and "Van" here, recipe.detector.classes[1].name is',
    );
  });

  it("names the first keys of many", () => {
    start();
    const changes = training({ epochs: 9, batchSize: 9, learningRate: 9, weightDecay: 9, gradientClip: 9 });
    expect(() => open(changes)).toThrow(
      `${join(root, "a")}: expected a run of the same recipe, frames and options, found another: recipe.training.epochs is 3 ` +
        "there and 9 here, recipe.training.batchSize is 2 there and 9 here, recipe.training.learningRate is 0.0003 there and 9 " +
        "here, and 2 more; do this",
    );
  });
});

describe("differences", () => {
  it("are none between equal values, undefined being no key", () => {
    expect(differences({ a: [1, { b: null }], c: undefined }, { a: [1, { b: null }] })).toEqual([]);
    expect(differences(Number.NaN, Number.NaN)).toEqual([]);
  });

  it("are named by path, long values in short", () => {
    const long = Array.from({ length: 30 }, (_, i) => i);
    expect(differences({ a: { b: [1, 2] }, c: 1, d: long }, { a: { b: [1, 3] }, e: "x".repeat(50), d: {} })).toEqual([
      { path: "a.b[1]", first: "2", second: "3" },
      { path: "c", first: "1", second: "left out" },
      { path: "d", first: "a list of 30", second: "{}" },
      { path: "e", first: "left out", second: `"${"x".repeat(36)}...` },
    ]);
    expect(differences(null, { a: 1 })).toEqual([{ path: "", first: "null", second: '{"a":1}' }]);
  });
});

describe("lines of a run", () => {
  const file = () => {
    const run = createRunFolder(join(root, "lines"));
    for (const step of [1, 2, 3]) appendLine(run.metrics, { step, more: "x" });
    return run.metrics;
  };

  it("are dropped after a step, and one cut short", () => {
    const path = file();
    writeFileSync(path, `${readFileSync(path, "utf8")}{"step":`);
    truncateLines(path, 2);
    expect(readFileSync(path, "utf8")).toBe('{"step":1,"more":"x"}\n{"step":2,"more":"x"}\n');
    truncateLines(join(root, "nothing"), 2);
  });

  it("are counted by their steps, the one that is being written left out", () => {
    const path = file();
    expect(lastStep(path)).toBe(3);
    writeFileSync(path, `${readFileSync(path, "utf8")}{"step":4`);
    expect(lastStep(path)).toBe(3);
    expect(readStepNumbers(path)).toEqual([1, 2, 3]);
    expect(lastStep(join(root, "nothing"))).toBe(0);
  });

  it.each([
    ['{"stop":2}', "2: step: expected number, got nothing"],
    ["twelve", '2: expected JSON, got "twelve"'],
  ])("are refused if they are none: %s", (line, message) => {
    const path = file();
    writeFileSync(path, `{"step":1}\n${line}\n{"step":2}\n`);
    expect(() => truncateLines(path, 2)).toThrow(`metrics.jsonl:${message}`);
    expect(() => readStepNumbers(path)).toThrow(`metrics.jsonl:${message}`);
    // Beyond the checkpoint they are dropped unread.
    truncateLines(path, 1);
    expect(readFileSync(path, "utf8")).toBe('{"step":1}\n');
    writeFileSync(path, `{"step":1}\n${line}\n`);
    expect(() => lastStep(path)).toThrow(`metrics.jsonl:${message}`);
  });

  it("are read in pieces, whatever their length", () => {
    const path = join(root, "long.jsonl");
    const lengths = [0, 1, 2 ** 18 - 13, 2 ** 18 - 12, 2 ** 18, 2 ** 19 + 5, 3];
    for (const [i, length] of lengths.entries()) appendLine(path, { step: i + 1, x: "é".repeat(length) });
    const lines = [...readLines(path, z.object({ step: z.number(), x: z.string() }))];
    expect(lines.map(({ x }) => x.length)).toEqual(lengths);
    for (const step of [7, 6, 5, 0]) {
      truncateLines(path, step);
      expect(lastStep(path)).toBe(step);
      expect(readStepNumbers(path)).toEqual(lengths.map((_, i) => i + 1).slice(0, step));
    }
    expect(readFileSync(path, "utf8")).toBe("");
  });

  it("hold every number, and no null for what JSON lacks", () => {
    const path = join(root, "numbers.jsonl");
    const numbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0.5];
    appendLine(path, { step: 1, numbers });
    expect(readFileSync(path, "utf8")).toBe('{"step":1,"numbers":["NaN","Infinity","-Infinity",-0.5]}\n');
    expect([...readLines(path, z.object({ numbers: z.array(writtenNumber) }))]).toEqual([{ numbers }]);
    expect(writtenNumber.safeParse("1").success).toBe(false);
  });

  const noFull = existsSync("/dev/full") ? undefined : "this system has no /dev/full";
  itUnless(noFull, "name their file and what to do when the disk is full", () => {
    const path = join(root, "full.jsonl");
    symlinkSync("/dev/full", path);
    expect(() => appendLine(path, { step: 1 })).toThrow(
      `cannot write ${path}: ENOSPC: no space left on device, write; make room there, then the same command goes on`,
    );
  });
});
