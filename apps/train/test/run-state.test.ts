import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "test-support";
import { describe, expect, it } from "vitest";
import { plainArm } from "../src/experiment/arms.js";
import { type ExperimentSetup, type PlannedRun, plannedRun, runState } from "../src/experiment/planned-run.js";
import { makeTask } from "../src/experiment/run-queue.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { appendLine } from "../src/runs/run-lines.js";
import { startRun, stepsOf } from "../src/runs/run-request.js";

const root = temporaryFolder("run-state");
const arm = plainArm(openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname));

/** A run whose process failed, and that has come so far. */
function failedRun(out: string, evaluated: number): PlannedRun {
  const frames = ["000000", "000001"];
  const places = { out: join(root, out), merge: [], recorded: [], data: "kitti", validationFrames: frames };
  const setup: ExperimentSetup = { ...places, frames, backend: "simd" };
  const run = plannedRun(arm, 0, setup);
  startRun(run.folder.path, run.request, {});
  appendLine(run.folder.metrics, { step: evaluated });
  appendLine(run.folder.validation, { step: evaluated });
  writeFileSync(run.folder.checkpoint, "");
  writeFileSync(run.failure, JSON.stringify({ reason: "1 frame is left out, as said above" }));
  return run;
}

describe("the state of a run whose process failed", () => {
  it("is finished after its last evaluation: a frame that is left out makes the exit status 1", () => {
    const steps = stepsOf(failedRun("counted", 1).request);
    expect(runState(failedRun("finished", steps))).toEqual({ kind: "finished", step: steps });
  });

  it("is failed before", () => {
    const run = failedRun("failed", 1);
    expect(runState(run)).toEqual({ kind: "failed", step: 1, reason: "1 frame is left out, as said above" });
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
