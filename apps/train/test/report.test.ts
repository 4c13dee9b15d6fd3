import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openDataSource } from "../src/frames/open-data-source.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { lossSeries } from "../src/report/histories.js";
import { shownRun } from "../src/report/shown-run.js";
import { evenly, writeReport } from "../src/report/write-report.js";
import { writeEnd } from "../src/runs/run-file.js";
import type { RunFolder } from "../src/runs/run-folder.js";
import { appendLine } from "../src/runs/run-lines.js";
import { startRun } from "../src/runs/run-request.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const tiny = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
const recipe = { ...tiny, training: { ...tiny.training, epochs: 2, batchSize: 1 } };
let root: string;
let data: string;
let run: RunFolder;
let count = 0;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "eloss-report-"));
  data = join(root, "data");
  await writeTinyScenes(data, { count: 2, seed: 0 });
});
afterAll(() => rmSync(root, { recursive: true }));

const step = (n: number, epoch: number) => ({
  step: n,
  epoch,
  losses: { total: 10 / n, det: 9 / n, cls: 4 / n, box: 4 / n, dir: 1 / n, entropy: 1 / n },
  entropy: {
    l1: 1 / n,
    blocks: [
      { block: 0, entropies: [n, n + 1, n + 3] },
      { block: 2, entropies: [n] },
    ],
  },
  seconds: n,
});
const ap = { r11: 9.1, r40: 5, curve: [1, "NaN", 0] };
const levels = { easy: { r11: "NaN", r40: "NaN" }, moderate: ap, hard: ap };
const found = { "3d": levels, bev: levels, "2d": null, aos: null };
const table = { strict: { car: found }, loose: { car: { "3d": null, bev: levels } } };

/** A run of four steps in two epochs. */
beforeEach(() => {
  const settings = { data, split: "all", frames: ["000000", "000001"], seed: 7, entropyLoss: true };
  run = startRun(join(root, `run${count}`), { settings, recipe }, { notes: ["a note"] });
  count += 1;
  for (const [n, epoch] of [
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
  ]) {
    appendLine(run.metrics, step(n, epoch));
  }
});

describe("shownRun", () => {
  it("collects a run: histories by hand, what is not a number, what is not there", () => {
    appendLine(run.validation, { step: 2, epoch: 1, split: "val", frames: 1, seconds: 3, ...table });
    writeFileSync(
      run.evaluation,
      JSON.stringify({
        split: "val",
        ids: ["000001", "000002"],
        frames: 2,
        step: 4,
        ...table,
        ceiling: { frames: 2, ...table },
      }),
    );
    const read = shownRun(run.path, "with");
    expect(read.steps).toEqual({
      step: [1, 2, 3, 4],
      epoch: [1, 1, 2, 2],
      losses: {
        total: [10, 5, 10 / 3, 2.5],
        cls: [4, 2, 4 / 3, 1],
        box: [4, 2, 4 / 3, 1],
        dir: [1, 0.5, 1 / 3, 0.25],
        entropy: [1, 0.5, 1 / 3, 0.25],
      },
    });
    expect(read.entropy).toEqual({
      layers: [
        { block: 0, tap: 0 },
        { block: 0, tap: 1 },
        { block: 0, tap: 2 },
        { block: 2, tap: 0 },
      ],
      step: [1, 2, 3, 4],
      values: [
        [1, 2, 3, 4],
        [2, 3, 4, 5],
        [4, 5, 6, 7],
        [1, 2, 3, 4],
      ],
      // means of steps 1 and 2, and of 3 and 4
      first: [1.5, 2.5, 4.5, 1.5],
      last: [3.5, 4.5, 6.5, 3.5],
    });
    expect(read.trainingSeconds).toBe(10);
    expect([read.firstEpochLoss, read.lastEpochLoss]).toEqual([7.5, (10 / 3 + 2.5) / 2]);
    expect(read.evaluation?.framesTrainedOn).toBe(1); // of 000001 and 000002
    expect(read.seed).toBe(7);
    expect(read.facts).toContainEqual(["", "a note"]);
    expect(read.facts).toContainEqual(["Node", process.version]);
    expect(read.facts).toContainEqual(["TensorFlow.js", expect.stringMatching(/^4\./)]);
    expect(read.facts).toContainEqual(["Started", expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/)]);
    expect(read.facts).toContainEqual(["Steps", "4"]);
    expect(read.validations[0].results!.strict.car["3d"]?.easy.r40).toBeNaN();
    expect(read.validations[0].results!.strict.car["2d"]).toBeNull();
    expect(read.evaluation?.results?.strict.car["3d"]?.moderate.curve).toEqual([1, Number.NaN, 0]);
    expect(read.evaluation?.ceiling?.loose.car.bev?.hard.r40).toBe(5);
  });

  it("shows measures of every class where there are no official ones", () => {
    const averages = { Tram: { bev: 2, "3d": null } };
    appendLine(run.validation, { step: 2, epoch: 1, split: "val", frames: 1, seconds: 3, averages });
    const groupOf = (objects: number) => ({ objects, ap: { bev: 40, "3d": "NaN" }, ceiling: null });
    const tables = {
      frames: 1,
      match: "overlap",
      score: 0.3,
      classes: [
        {
          ...{ name: "Tram", overlap: 0.7, objects: 3, ignoredObjects: 0, detections: 9, largestRecall: 1 },
          all: groupOf(3),
          byDistance: [{ from: 0, to: null, ...groupOf(3) }],
          byPoints: [],
          ...{ recall: 0.5, precision: null, falsePositivesPerFrame: 2, errors: null },
        },
      ],
      confusion: [{ detected: "Tram", object: "Dog", count: 1 }],
    };
    const evaluation = { split: "all", ids: ["000000"], step: 4, reasons: ["Tram: a reason"], tables };
    writeFileSync(run.evaluation, JSON.stringify(evaluation));
    const read = shownRun(run.path, "own");
    expect(read.validations).toEqual([{ epoch: 1, step: 2, averages }]);
    expect(read.evaluation?.results).toBeUndefined();
    expect(read.evaluation?.framesTrainedOn).toBe(1);
    expect(read.evaluation?.reasons).toEqual(["Tram: a reason"]);
    expect(read.evaluation?.tables?.classes[0]).toMatchObject({ name: "Tram", recall: 0.5, precision: null });
    expect(read.evaluation?.tables?.classes[0].all.ap).toEqual({ bev: 40, "3d": Number.NaN });
    writeFileSync(
      run.evaluation,
      JSON.stringify({ ...evaluation, tables: { ...tables, classes: [{ name: "Tram" }] } }),
    );
    expect(() => shownRun(run.path, "own")).toThrow(/eval\.json: tables\.classes\[?\.?0/);
  });

  it("does without evaluations, and without the last line of a run that is going on", () => {
    writeFileSync(run.metrics, `${readFileSync(run.metrics, "utf8").split("\n").slice(0, 3).join("\n")}\n{"step":4,`);
    const read = shownRun(run.path, "going on");
    expect(read.steps.step).toEqual([1, 2, 3]);
    expect(read.validations).toEqual([]);
    expect(read.evaluation).toBeUndefined();
    expect(read.facts).toContainEqual(["Steps", "3 of 4: not finished"]);
  });

  it.each<[string, (of: RunFolder) => void]>([
    ["no metrics", (of) => rmSync(of.metrics)],
    ["empty metrics", (of) => writeFileSync(of.metrics, "")],
    ["half a line", (of) => writeFileSync(of.metrics, '{"step":1,')],
  ])("shows a run with %s, without a checkpoint, and why it ended", async (_, damage) => {
    damage(run);
    writeEnd(run, { step: 0, reason: "frame 000001: half a point" });
    const read = shownRun(run.path, "odd");
    expect(read.steps).toEqual({ step: [], epoch: [], losses: { total: [], cls: [], box: [], dir: [], entropy: [] } });
    expect([read.firstEpochLoss, read.lastEpochLoss, read.entropy, read.trainingSeconds]).toEqual([
      undefined,
      undefined,
      undefined,
      0,
    ]);
    expect(read.facts).toContainEqual(["Steps", "0 of 4: not finished"]);
    expect(read.facts).toContainEqual([
      "Ended early",
      expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC, after step 0: frame 000001: half a point$/),
    ]);
    expect(read.facts).toContainEqual(["Checkpoint", "none"]);
    const out = join(root, "odd.html");
    await writeReport({ runs: [run.path], data: openDataSource(data), split: "all", out, frames: 1 });
    expect(readFileSync(out, "utf8")).toContain("frame 000001: half a point");
  });

  it("shows numbers that are none as gaps", () => {
    const { losses, ...rest } = step(5, 3);
    appendLine(run.metrics, { ...rest, losses: { ...losses, total: Number.NaN, entropy: Number.POSITIVE_INFINITY } });
    const read = shownRun(run.path, "odd");
    expect(read.steps.losses.total.at(-1)).toBeNaN();
    expect(read.steps.losses.entropy.at(-1)).toBe(Number.POSITIVE_INFINITY);
    expect(read.lastEpochLoss).toBeNaN();
  });

  it.each<[string, (of: RunFolder) => void, RegExp]>([
    ["no settings", (of) => rmSync(of.settings), /run\.json is missing/],
    [
      "a line that is no JSON",
      (of) => writeFileSync(of.metrics, "{}x\n"),
      /metrics\.jsonl:1: expected JSON, got "\{\}x"/,
    ],
    [
      "a line without losses",
      (of) => writeFileSync(of.metrics, '{"step":1,"epoch":1}\n'),
      /metrics\.jsonl:1: losses: expected object, got nothing/,
    ],
    ["broken settings", (of) => writeFileSync(of.settings, "{"), /run\.json: expected JSON/],
    [
      "settings that were edited",
      (of) => writeFileSync(of.settings, readFileSync(of.settings, "utf8").replace('"seed": 7', '"seed": "7"')),
      /run\.json: settings\.seed: expected number, got "7"/,
    ],
    ["another evaluation", (of) => writeFileSync(of.evaluation, '{"split":"val"}'), /eval\.json: \w+: /],
    ["a broken evaluation line", (of) => writeFileSync(of.validation, '{"step":1}\n'), /validation\.jsonl:1: \w+: /],
  ])("says where %s is the fault", (_, damage, message) => {
    damage(run);
    expect(() => shownRun(run.path, "broken")).toThrow(message);
  });
});

describe("lossSeries", () => {
  it("averages a long run down and keeps its mean", () => {
    const steps = Array.from({ length: 4500 }, (_, i) => ({
      ...step(i + 1, 1),
      losses: { total: i, cls: 0, box: 0, dir: 0, entropy: 0 },
    }));
    const { step: last, losses } = lossSeries(steps);
    expect(losses.total.slice(0, 3)).toEqual([1, 4, 7]);
    expect(last.slice(0, 3)).toEqual([3, 6, 9]);
    expect(losses.total.length).toBe(1500);
    expect(losses.total.reduce((a, b) => a + b) / 1500).toBeCloseTo(4499 / 2, 9);
  });
});

describe("evenly", () => {
  it("spreads over the list, each entry once", () => {
    expect(evenly(["a", "b", "c", "d", "e", "f"], 3)).toEqual(["b", "d", "f"]);
    expect(evenly(["a", "b"], 5)).toEqual(["a", "b"]);
    expect(evenly([], 3)).toEqual([]);
    expect(evenly(["a"], 0)).toEqual([]);
  });
});

describe("writeReport", () => {
  it("writes one file with the runs and the scans in it", async () => {
    const out = join(root, "deep", "report.html");
    await writeReport({ runs: [run.path], data: openDataSource(data), split: "all", out, frames: 2 });
    const page = readFileSync(out, "utf8");
    const embedded = JSON.parse(page.match(/<script type="application\/json" id="page-data">(.*?)<\/script>/s)![1]);
    expect(embedded.runs[0].name).toBe(`run${count - 1}`);
    expect(embedded.data.simulated).toBe(false);
    expect(embedded.frames.map(({ id }: { id: string }) => id)).toEqual(["000000", "000001"]);
    expect(embedded.frames[0].truth.length).toBeGreaterThan(0);
    expect(embedded.frames[0].detections).toEqual([[]]);
  });

  it("tells the scans that it shows", async () => {
    const out = join(root, "told.html");
    expect(await writeReport({ runs: [run.path], data: openDataSource(data), split: "all", out, frames: 1 })).toEqual([
      "000001",
    ]);
  });

  it("says that data of kitti-sim are simulated", async () => {
    const out = join(root, "simulated.html");
    writeFileSync(join(data, "kitti-sim.json"), '{"seed":3,"train":1,"val":1,"field":"camera"}');
    await writeReport({ runs: [run.path], data: openDataSource(data), split: "all", out, frames: 0 });
    rmSync(join(data, "kitti-sim.json"));
    expect(readFileSync(out, "utf8")).toMatch(/"simulated":true.*\(seed 3,/);
  });

  it("leaves nothing behind when a run is broken", async () => {
    const out = join(root, "none.html");
    writeFileSync(run.metrics, "half\n");
    await expect(writeReport({ runs: [run.path], data: openDataSource(data), split: "all", out })).rejects.toThrow(
      /metrics\.jsonl/,
    );
    expect(existsSync(out)).toBe(false);
  });
});
