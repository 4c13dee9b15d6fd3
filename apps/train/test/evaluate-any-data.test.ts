import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { evaluateKitti, renderTables } from "kitti-eval";
import { boxesFromObjects, encodeLabels, type KittiObject } from "kitti-io";
import { useBackend } from "open-backend";
import type { DetectorConfig } from "second-detector";
import { temporaryFolder } from "test-support";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeBoxLines, parseBoxLines, type ScoredObject } from "../src/inference/box-lines.js";
import { emptyCellReasons, unsettledStatistics } from "../src/inference/empty-cells.js";
import { evaluateFrames, openEvaluationFrames } from "../src/inference/evaluate-frames.js";
import { encodeRunEvaluation, evaluateRun } from "../src/inference/evaluate-run.js";
import { formatAverages, moderateAverages } from "../src/inference/moderate-averages.js";
import { makeUntrainedDetector } from "../src/inference/open-detector.js";
import { encodeResult, parseResult } from "../src/inference/result-text.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { recipeText } from "../src/recipe/parse-recipe.js";
import { writeRunFile } from "../src/runs/run-file.js";
import { runFolder } from "../src/runs/run-folder.js";
import { readEvaluation, readValidations } from "../src/runs/run-records.js";
import { newTrainingState, writeCheckpoint } from "../src/training/checkpoint.js";
import { openValidator } from "../src/training/validate-epochs.js";
import { MEMORY_IDS, memorySource, ROBOT } from "./scenes/memory-source.js";
import { tinyCalibration } from "./scenes/tiny-scene.js";

const recipe = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
const { detector: tiny } = recipe;
const withClass = (name: string): DetectorConfig => ({
  ...tiny,
  classes: [{ ...tiny.classes[0], name }],
  predict: { ...tiny.predict, scoreThreshold: 0 },
});
const data = memorySource();
const root = temporaryFolder("eloss-any-data");
beforeAll(async () => {
  await useBackend("simd");
});

/** What a perfect detector writes for every frame. */
async function perfectResults(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const id of MEMORY_IDS) {
    const { objects = [] } = await data.read(id);
    texts.set(id, encodeBoxLines(objects.map((object) => ({ ...object, score: 0.9 }))));
  }
  return texts;
}

describe("lines of boxes", () => {
  const box = Float64Array.from(Float32Array.of(1 / 3, -2e-7, 1e6, 4, 1.7, 1.6, Math.PI));
  const objects: ScoredObject[] = [
    { type: "Robot", box, score: Math.fround(0.1) },
    { type: "traffic cone", box, score: 1 },
  ];

  it("hold float32 numbers and names with spaces", () => {
    const text = encodeBoxLines(objects);
    expect(text.split("\n")[1]).toBe(
      "0.333333343 -2.00000002e-7 1000000 4 1.70000005 1.60000002 3.14159274 traffic cone 1",
    );
    const back = parseBoxLines(text);
    expect(back.map(({ type }) => type)).toEqual(["Robot", "traffic cone"]);
    back.forEach(({ box, score }, i) => {
      expect(Float32Array.from(box)).toEqual(Float32Array.from(objects[i].box));
      expect(Math.fround(score)).toBe(objects[i].score);
    });
    expect([encodeBoxLines([]), parseBoxLines("\n")]).toEqual(["", []]);
  });

  it.each(["1 2 3 4 5 6 7 0.5", "1 2 3 4 5 6 seven Robot 0.5", "1 2 3 4 5 6 7 Robot", "1 2 3 4 5 6 Infinity Robot 1"])(
    "refuse %s, naming file and line",
    (line) => {
      const good = encodeBoxLines(objects.slice(0, 1));
      expect(() => parseBoxLines(good + line, "a.txt")).toThrow(
        'a.txt:2: expected "x y z dx dy dz yaw CLASS score", got ',
      );
    },
  );
});

describe("data without camera and KITTI's labels", () => {
  it("has tables alone; objects without a point are not asked for, letter case does not matter", async () => {
    const detector = await makeUntrainedDetector(withClass("ROBOT"), 0);
    const frames = await openEvaluationFrames(data, MEMORY_IDS, detector.config);
    expect((await frames.load(MEMORY_IDS[0])).objects.map(({ type, points }) => [type, points])).toEqual([
      ["ROBOT", expect.any(Number)],
      ["ROBOT", 0],
    ]);
    const results = new Map<string, string>();
    const found = await evaluateFrames(detector, frames, { results });
    expect(found?.official).toBeUndefined();
    expect(results.get(MEMORY_IDS[0])).toMatch(/^(\S+ ){7}ROBOT \S+$/m);
    expect(found?.tables.classes[0]).toMatchObject({ name: "ROBOT", overlap: 0.7, objects: 3, ignoredObjects: 3 });
    const other = await evaluateFrames(detector, frames, { results, overlap: 0.25 });
    expect(other?.tables.classes[0].overlap).toBe(0.25);
    detector.network.dispose();
  });

  it("gives the average precision of its classes where KITTI's would stand", async () => {
    const detector = await makeUntrainedDetector(withClass(ROBOT), 0);
    const frames = await openEvaluationFrames(data, MEMORY_IDS, detector.config);
    const evaluated = await evaluateFrames(detector, frames, { results: await perfectResults() });
    const averages = moderateAverages(evaluated!);
    expect(averages[ROBOT].found).toBe(averages[ROBOT].perfect);
    expect(averages[ROBOT].found).toBeCloseTo(5, 9); // 3 objects: 2 of 40 points
    expect(formatAverages(averages)).toBe("Robot 5.0 of 5.0");
    expect(renderTables(evaluated!.tables)).toContain("Robot: 3 objects and 3 without points, ignored; 6 detections");
    detector.network.dispose();
  });

  it("is evaluated by run, with files, and read again", async () => {
    const config = withClass(ROBOT);
    const run = runFolder(join(root, "run"));
    mkdirSync(run.path);
    writeFileSync(run.config, recipeText({ ...recipe, detector: config }));
    writeRunFile(run, { data: "memory", split: "all", frames: MEMORY_IDS, seed: 0, entropyLoss: false }, {});
    const state = newTrainingState({ ...recipe, detector: config }, 0);
    await writeCheckpoint(run.checkpoint, state);
    const detector = await makeUntrainedDetector(config, 0);
    const evaluation = await evaluateRun(run, detector, { data, split: "all", frames: MEMORY_IDS, step: 90 });
    detector.network.dispose();
    expect(existsSync(join(run.predictions("all"), "hall 1%2Fnorth.txt"))).toBe(true);
    expect(readFileSync(run.evaluation, "utf8")).toBe(`${encodeRunEvaluation(evaluation!)}\n`);
    const { tables, reasons, strict } = JSON.parse(readFileSync(run.evaluation, "utf8"));
    expect([tables.frames, strict]).toEqual([3, undefined]);
    expect(reasons).toEqual(unsettledStatistics(90, config));
    expect(readEvaluation(run)).toMatchObject({ split: "all", ids: MEMORY_IDS });
  });

  it("is validated while training, by the tables", async () => {
    const config = withClass(ROBOT);
    const run = runFolder(join(root, "validated"));
    mkdirSync(run.path);
    const validation = { every: 1, split: "all", frames: MEMORY_IDS };
    const place = { data, config, stop: { requested: false }, stepsPerEpoch: 1, totalSteps: 1 };
    const validator = await openValidator(run, validation, place);
    const state = newTrainingState({ ...recipe, detector: config }, 0);
    state.step = 1;
    expect(await validator.evaluate(state)).toMatch(/^all after epoch 1: 3D AP Robot \d+\.\d$/);
    const line = JSON.parse(readFileSync(run.validation, "utf8"));
    expect(Object.keys(line.averages[ROBOT])).toEqual(["bev", "3d"]);
    expect(readValidations(run)).toMatchObject([{ step: 1, epoch: 1, frames: 3 }]);
  });
});

describe("with a camera", () => {
  it("detections of any class go through KITTI's lines", () => {
    const calibration = tinyCalibration();
    const view = { calibration, imageSize: { width: 1242, height: 375 } };
    const boxes = Float32Array.of(15, 1, -0.9, 12, 2.5, 3, 0.2);
    const found = { boxes, scores: Float32Array.of(0.7), labels: Int32Array.of(0), anchors: Int32Array.of(0) };
    const { kitti, objects } = parseResult(encodeResult(found, withClass("Bus"), view), view);
    expect([kitti?.length, objects[0].type]).toEqual([1, "Bus"]);
    objects[0].box.forEach((value, i) => {
      expect(value).toBeCloseTo(boxes[i], 5);
    });
    expect(boxesFromObjects(kitti!, calibration)).toEqual(objects[0].box);
  });
});

describe("why cells of the official table are empty or zero", () => {
  const label = (type: string, height: number, change: Partial<KittiObject> = {}): KittiObject => ({
    type,
    truncated: 0,
    occluded: 0,
    alpha: 0,
    bbox: [100, 100, 200, 100 + height],
    dimensions: [1.5, 1.6, 4],
    location: [0, 1.7, 20],
    rotationY: 0,
    ...change,
  });
  const reasonsFor = (truth: KittiObject[], found: KittiObject[], names = ["Car"]) => {
    const detections = [found.map((object) => ({ ...object, score: 0.5 }))];
    const result = evaluateKitti([truth], detections);
    const classes = names.map((name) => ({ ...tiny.classes[0], name }));
    const predict = { ...tiny.predict, scoreThreshold: 0.1 };
    return emptyCellReasons({ groundTruth: [truth], detections, result }, { classes, predict });
  };
  const cars = (count: number, height: number) =>
    Array.from({ length: count }, (_, i) => label("Car", height, { location: [10 * i, 1.7, 20] }));

  it.each([
    ["no object", [], [], ["Car: no object in these frames"]],
    ["no detection", cars(3, 50), [], ["Car: no detection scored above 0.1"]],
    [
      "objects that are too low",
      cars(8, 20),
      cars(8, 50),
      [
        "Car easy: 0 of 8 objects count: 2D height under 40 px",
        "Car moderate, hard: 0 of 8 objects count: 2D height under 25 px",
      ],
    ],
    [
      "several reasons",
      [label("Car", 20), label("Car", 60, { occluded: 3, truncated: 0.9 })],
      cars(1, 50),
      [
        "Car easy: 0 of 2 objects count: 2D height under 40 px (1), occlusion over 0 (1), truncation over 0.15 (1)",
        "Car moderate: 0 of 2 objects count: 2D height under 25 px (1), occlusion over 1 (1), truncation over 0.3 (1)",
        "Car hard: 0 of 2 objects count: 2D height under 25 px (1), occlusion over 2 (1), truncation over 0.5 (1)",
      ],
    ],
    [
      "one object",
      cars(1, 50),
      cars(1, 50),
      ["Car easy, moderate, hard: 1 of 1 objects count: the average at 40 recalls of one is 0 for any detector"],
    ],
    [
      "one found of three",
      cars(3, 50),
      cars(1, 50),
      ["Car easy, moderate, hard: 3 of 3 objects count: too few are found for the average at 40 recalls to notice"],
    ],
    [
      "misplaced boxes",
      cars(3, 50),
      cars(2, 50).map((car) => ({ ...car, location: [5, 1.7, 60] as const })),
      [
        "Car easy, moderate, hard: 3 of 3 objects count: none of 2 detections matches one in 3D at the official overlap",
      ],
    ],
    ["nothing", cars(3, 50), cars(3, 50), []],
  ] as [string, KittiObject[], KittiObject[], string[]][])("%s", (_, truth, found, expected) => {
    expect(encodeLabels(truth)).toBeTypeOf("string");
    expect(reasonsFor(truth, found)).toEqual(expected);
  });

  it("classes that KITTI's metrics do not know", () => {
    const known = cars(3, 50);
    expect(reasonsFor(known, known, ["Car", "Bus"])).toEqual([
      "Bus is no class of KITTI's metrics: see the tables of all classes",
    ]);
    expect(reasonsFor(known, known, ["car", "Bus", "Truck"])).toEqual([
      "Bus, Truck are no classes of KITTI's metrics: see the tables of all classes",
    ]);
  });

  it("running statistics that have not settled: 0.99 ** 90 is 40 %, 0.99 ** 299 is under 5 %", () => {
    const config = { batchNorm: { epsilon: 1e-3, momentum: 0.01 } };
    expect(unsettledStatistics(90, config)).toEqual([
      "the running statistics still hold 40 % of their start (90 steps at momentum 0.01): train longer, or raise batchNorm.momentum",
    ]);
    expect(unsettledStatistics(298, config)).toHaveLength(1);
    expect(unsettledStatistics(299, config)).toEqual([]);
  });
});
