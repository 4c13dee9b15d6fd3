import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "test-support";
import { describe, expect, it, vi } from "vitest";
import { plainArm } from "../src/experiment/arms.js";
import {
  type ExperimentSetup,
  type PlannedRun,
  plannedRun,
  plannedRuns,
  runState,
} from "../src/experiment/planned-run.js";
import { describeLastEvaluation, makeTask } from "../src/experiment/run-queue.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { appendLine } from "../src/runs/run-lines.js";
import { startRun, stepsOf } from "../src/runs/run-request.js";

const root = temporaryFolder("run-state");
const arm = plainArm(openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname));

const frames = ["000000", "000001"];

function setupIn(out: string, merge: readonly string[] = []): ExperimentSetup {
  const places = { out: join(root, out), merge: merge.map((name) => join(root, name)), recorded: [], data: "kitti" };
  return { ...places, frames, validationFrames: frames, validateEvery: 1, backend: "simd" };
}

/** A run that has come so far, evaluated on so many frames. */
function madeRun(out: string, seed: number, { step, on = 2 }: { step?: number; on?: number } = {}): PlannedRun {
  const run = plannedRun(arm, seed, setupIn(out));
  const evaluated = step ?? stepsOf(run.request);
  startRun(run.folder.path, run.request, {});
  appendLine(run.folder.metrics, { step: evaluated });
  appendLine(run.folder.validation, { step: evaluated, epoch: 1, frames: on });
  writeFileSync(run.folder.checkpoint, "");
  return run;
}

function failedRun(out: string, step?: number): PlannedRun {
  const run = madeRun(out, 0, { step });
  writeFileSync(run.failure, JSON.stringify({ reason: "1 frame is left out, as said above" }));
  return run;
}

/** What is said on standard error. */
function listening() {
  const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  return { stderr, says: () => stderr.mock.calls.map(([text]) => text).join("") };
}

describe("the state of a run whose process failed", () => {
  it("is finished after its last evaluation: a frame that is left out makes the exit status 1", () => {
    const run = failedRun("finished");
    expect(runState(run)).toEqual({ kind: "finished", step: stepsOf(run.request) });
  });

  it("is failed before", () => {
    const run = failedRun("failed", 1);
    expect(runState(run)).toEqual({ kind: "failed", step: 1, reason: "1 frame is left out, as said above" });
  });
});

describe("finished runs", () => {
  const plan = (out: string, merge: readonly string[] = []) => plannedRuns([arm], 2, setupIn(out, merge));

  it("were evaluated on the same frames: a merged folder of another list is refused", () => {
    const [here, there] = [madeRun("here", 0), madeRun("there", 1, { on: 1 })];
    const { stderr, says } = listening();
    expect(plan("here").map(({ folder }) => folder.path)).toEqual([here.folder.path, expect.stringContaining("seed1")]);
    expect(() => plan("here", ["there"])).toThrow(
      `${there.folder.path}: expected a run evaluated on 2 frames, as ${here.folder.path} was, got one on 1; leave that --merge out`,
    );
    madeRun("longer", 1, { on: 3 });
    expect(() => plan("new", ["longer"])).toThrow("expected a run evaluated on 2 frames, got one on 3; leave that");
    expect(says()).toBe("");
    plan("new", ["there"]);
    expect(says()).toBe("finished runs were evaluated on 1 of 2 frames\n");
    stderr.mockRestore();
  });
});

describe("what is told of a run while it is made", () => {
  it("is what its last evaluation found", () => {
    const run = madeRun("told", 0);
    expect(describeLastEvaluation(run)).toBeUndefined(); // of no class that KITTI knows
    const level = (r40: number) => ({ r11: 0, r40 });
    const levels = (r40: number) => ({ easy: level(99), moderate: level(r40), hard: level(99) });
    const found = (car: number) => ({ car: { "3d": levels(car) }, pedestrian: { "3d": null, bev: levels(50) } });
    const { validation } = run.folder;
    for (const epoch of [2, 4]) appendLine(validation, { step: epoch, epoch, frames: 2, strict: found(10.04 * epoch) });
    expect(describeLastEvaluation(run)).toBe("tiny-seed0 after epoch 4: 3D AP car 40.2");
    appendLine(validation, { step: 6, epoch: 6, frames: 2, strict: 7 });
    expect(() => describeLastEvaluation(run)).toThrow(/^.*validation\.jsonl: the last line: strict: /);
  });
});

describe("makeTask", () => {
  const task = (name: string) => {
    const folder = join(root, name, "run");
    mkdirSync(dirname(folder), { recursive: true });
    return { folder, log: `${folder}.log`, failure: `${folder}.failed.json`, args: [] }; // no cli.js beside the source: status 1
  };
  const options = { threads: 1, signal: new AbortController().signal };

  it("takes a run that is finished for finished, and says what its process said", async () => {
    const made = task("done");
    const told: string[] = [];
    const looks = [false, true];
    const end = await makeTask(made, { ...options, mention: (what) => told.push(what), isDone: () => looks.shift()! });
    expect([end, existsSync(made.failure)]).toEqual(["finished", false]);
    expect(told.join()).toMatch(/^.*run is finished; .*run\.log ends with: Node\.js v/);
  });

  it("notes down why another one failed", async () => {
    const made = task("failed");
    expect(await makeTask(made, { ...options, mention: () => {}, isDone: () => false })).toBe("failed");
    expect(existsSync(made.failure)).toBe(true);
  });
});
