import { existsSync } from "node:fs";
import type { ReportRun } from "report-page";
import { parseRecipe } from "../recipe/parse-recipe.js";
import type { Recipe } from "../recipe/recipe-schema.js";
import { type RunFile, readRunFile } from "../runs/run-file.js";
import { openRunFolder } from "../runs/run-folder.js";
import {
  type EvaluationFile,
  readEvaluation,
  readSteps,
  readValidations,
  type StepLine,
  type ValidationLine,
} from "../runs/run-records.js";
import { stepsPerEpoch } from "../runs/run-request.js";
import { counted } from "../system/counted.js";
import { FILE_USES, readText } from "../system/read-file.js";
import { entropySeries, epochLosses, lossSeries } from "./histories.js";

/**
 * What a report shows of a run folder, as far as the run has come: steps, evaluations and checkpoint may be missing, settings
 * and configuration may not.
 * @throws Error naming the file that is missing or wrong
 */
export function shownRun(path: string, name: string): ReportRun {
  const run = openRunFolder(path);
  const file = readRunFile(run);
  const config = readText(run.config, FILE_USES.recipe);
  const steps = readSteps(run);
  return {
    name,
    entropyLoss: file.settings.entropyLoss,
    seed: file.settings.seed,
    trainingSeconds: steps.reduce((sum, { seconds }) => sum + seconds, 0),
    ...epochLosses(steps),
    steps: lossSeries(steps),
    entropy: entropySeries(steps),
    validations: readValidations(run).map(({ epoch, step, averages, ...official }) => ({
      epoch,
      step,
      ...officialResults(official),
      ...(averages && { averages }),
    })),
    evaluation: shownEvaluation(readEvaluation(run), file.settings.frames),
    facts: [
      ...facts(file, parseRecipe(config, run.config), steps),
      ...(existsSync(run.checkpoint) ? [] : [["Checkpoint", "none"] as const]),
    ],
    config,
  };
}

function shownEvaluation(file: EvaluationFile | undefined, trained: readonly string[]): ReportRun["evaluation"] {
  if (file === undefined) return undefined;
  const { split, ids, step, ceiling, tables, reasons, frames = ids.length, strict, loose } = file;
  const official = officialResults({ frames, strict, loose });
  const framesTrainedOn = ids.filter((id) => trained.includes(id)).length;
  return { split, step, framesTrainedOn, ...official, ceiling, tables, reasons };
}

/** KITTI's metrics, where there are any. */
function officialResults({ frames, strict, loose }: Pick<ValidationLine, "frames" | "strict" | "loose">) {
  return strict === undefined || loose === undefined ? {} : { results: { frames, strict, loose } };
}

function facts(
  { settings: { frames, split }, environment, ended }: RunFile,
  { training, augmentation }: Recipe,
  steps: readonly StepLine[],
): [string, string][] {
  const { epochs, batchSize, repeats = 1 } = training;
  const total = epochs * stepsPerEpoch(training, frames.length);
  const seconds = steps.map((step) => step.seconds).sort((a, b) => a - b);
  const last = steps.at(-1)?.step ?? 0;
  const list: [string, string | undefined][] = [
    ["Trained on", `${counted(frames.length, "frame")} (${split})`],
    [
      "Epochs",
      `${epochs}${repeats > 1 ? ` of ${repeats} times each frame` : ""}, ${counted(batchSize, "frame")} per step`,
    ],
    ["Steps", last === total ? String(total) : `${last} of ${total}: not finished`],
    ["Ended early", ended && `${inMinutes(ended.time)}, after step ${ended.step}: ${ended.reason}`],
    [
      "Step time",
      seconds.length === 0 ? undefined : `${seconds[Math.floor(seconds.length / 2)].toFixed(2)} s (median)`,
    ],
    ["Started", environment.started && inMinutes(environment.started)],
    ["Augmentation", augmentation === undefined ? "no" : "yes"],
    ["Backend", environment.description],
    ...environment.notes.map((note): [string, string] => ["", note]),
    ["Node", environment.node],
    ["TensorFlow.js", environment.tensorflowjs],
    ["Platform", environment.platform],
  ];
  return list.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

/** An ISO time without its seconds. */
function inMinutes(time: string): string {
  return time.replace(/T(..:..).*/, " $1 UTC");
}
