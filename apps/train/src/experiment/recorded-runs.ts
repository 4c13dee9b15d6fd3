import { checkAs, parseJson } from "checked-text";
import type { DataDescription } from "report-page";
import { z } from "zod";
import { parseRecipe, recipeText } from "../recipe/parse-recipe.js";
import type { RunRequest } from "../runs/run-request.js";
import { FILE_USES, readText } from "../system/read-file.js";
import type { Arm } from "./arms.js";
import { DRAWS, type ResampledRun } from "./replicated-runs.js";
import { METRICS, type RunOutcome } from "./run-outcome.js";

/** What the runs of an experiment were asked for, as `results.json` keeps it. */
export interface RecordedPlan {
  /** trained on */
  readonly frames: readonly string[];
  /** evaluated on */
  readonly validationFrames: readonly string[];
  readonly arms: readonly {
    readonly name: string;
    readonly entropyLoss: boolean;
    /** as `eloss train --config` takes it */
    readonly recipe: string;
  }[];
}

/** A finished run whose folder is elsewhere. */
export interface RecordedRun {
  readonly request: RunRequest;
  readonly outcome: RunOutcome;
  readonly resampled?: ResampledRun | undefined;
}

/** An experiment's `results.json`, made here or on another machine. */
export interface RecordedResults {
  readonly path: string;
  readonly data: Pick<DataDescription, "simulated" | "description">;
  readonly plan: RecordedPlan;
  readonly runs: readonly { readonly outcome: RunOutcome; readonly resampled?: ResampledRun | undefined }[];
}

const percent = z.number().min(0).max(100);
const ap = z.record(z.enum(METRICS), percent);
const step = z.int().min(0);

const runSchema = z.object({
  arm: z.string(),
  seed: step,
  state: z.discriminatedUnion("kind", [
    z.object({ kind: z.enum(["missing", "begun", "finished"]), step }),
    z.object({ kind: z.literal("failed"), step, reason: z.string() }),
  ]),
  epochs: z.array(z.object({ epoch: step, ap })),
  average: ap.optional(),
  end: z
    .object({
      l1: z.number(),
      growth: z.number(),
      share: z.number(),
      detection: z.number(),
      stepSeconds: z.number(),
    })
    .optional(),
  resampled: z.object({ all: percent, quarter: percent, draws: z.array(percent).length(DRAWS) }).optional(),
});

const resultsSchema = z.object({
  data: z.object({ simulated: z.boolean(), description: z.string() }),
  plan: z.object({
    frames: z.array(z.string()),
    validationFrames: z.array(z.string()),
    arms: z.array(z.object({ name: z.string(), entropyLoss: z.boolean(), recipe: z.string() })),
  }),
  runs: z.array(runSchema),
});

export function recordedPlan(
  arms: readonly Arm[],
  { frames, validationFrames }: Pick<RecordedPlan, "frames" | "validationFrames">,
): RecordedPlan {
  return {
    frames,
    validationFrames,
    arms: arms.map(({ name, entropyLoss, recipe }) => ({ name, entropyLoss, recipe: recipeText(recipe) })),
  };
}

/** @throws Error naming the file and each faulty key */
export function readRecordedResults(path: string): RecordedResults {
  const { data, plan, runs } = checkAs(parseJson(readText(path, FILE_USES.results), path), resultsSchema, path);
  return {
    path,
    data,
    plan,
    runs: runs.map(({ resampled, end, ...outcome }) => ({
      outcome: { ...outcome, end },
      resampled: resampled && {
        ...{ arm: outcome.arm, seed: outcome.seed, all: resampled.all, quarter: resampled.quarter },
        draws: Float64Array.from(resampled.draws),
      },
    })),
  };
}

/**
 * That results are of runs on the data at hand, as far as can be told: what simulated streets were made with, and the names of
 * the frames to evaluate on.
 * @throws Error naming the file and both
 */
export function expectSameData(
  { path, data, plan }: RecordedResults,
  here: RecordedResults["data"] & Pick<RecordedPlan, "validationFrames">,
): void {
  if ((data.simulated || here.simulated) && data.description !== here.description)
    throw new Error(
      `${path}: expected runs on the data at hand, ${here.description} It has others, ${data.description}`,
    );
  if (plan.validationFrames.join() === here.validationFrames.join()) return;
  const [there, asked] = [plan, here].map(({ validationFrames: { length } }) => length);
  throw new Error(`${path}: expected runs evaluated on the same ${asked} frames, got ${there}, or others`);
}

/**
 * A finished run of an arm, if the results have it.
 * @throws Error naming the file if they have no recipe of the arm, or not what a finished run has
 */
export function recordedRun(
  { path, plan, runs }: RecordedResults,
  name: string,
  seed: number,
): RecordedRun | undefined {
  const run = runs.find(({ outcome }) => outcome.arm === name && outcome.seed === seed);
  if (run?.outcome.state.kind !== "finished") return undefined;
  const arm = plan.arms.find((each) => each.name === name);
  if (arm === undefined) throw new Error(`${path}: expected the recipe of ${name} in plan.arms, got none`);
  const { frames } = plan;
  const settings = { data: "", split: "train", frames, seed, entropyLoss: arm.entropyLoss };
  const recipe = parseRecipe(arm.recipe, `${path}: recipe of ${name}`);
  const { epochs, end } = run.outcome;
  const last = epochs.at(-1)?.epoch;
  if (last !== recipe.training.epochs || end === undefined) {
    const wanted = `an evaluation after epoch ${recipe.training.epochs}, and its \`end\``;
    throw new Error(
      `${path}: ${name}, seed ${seed}: expected of a finished run ${wanted}, got epoch ${last ?? "none"}`,
    );
  }
  return { ...run, request: { settings, recipe } };
}
