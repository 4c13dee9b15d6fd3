import { existsSync, readFileSync } from "node:fs";
import type { ReportRun } from "report-page";
import { openRunFolder } from "../runs/run-folder.js";
import { entropySeries, epochLosses, lossSeries } from "./histories.js";
import { parseAs, readJsonLines } from "./json-lines.js";
import { evaluationFile, type RunFile, runFile, type StepLine, stepLine, validationLine } from "./run-files.js";

/**
 * What a report shows of a run folder. Evaluations may be missing; settings, configuration and metrics may not.
 * @throws Error naming the file that is missing or wrong
 */
export function readRun(path: string, name: string): ReportRun {
  const run = openRunFolder(path);
  if (!existsSync(run.metrics)) {
    throw new Error(`${path}: expected metrics.jsonl with a line per step; train the run first`);
  }
  const file = parseAs(readFileSync(run.settings, "utf8"), runFile, run.settings);
  const steps = readJsonLines(run.metrics, stepLine);
  if (steps.length === 0) {
    throw new Error(`${run.metrics}: expected at least one finished step, got none; train on with --resume`);
  }
  const validations = existsSync(run.validation) ? readJsonLines(run.validation, validationLine) : [];
  return {
    name,
    entropyLoss: file.settings.entropyLoss,
    seed: file.settings.seed,
    trainingSeconds: steps.reduce((sum, { seconds }) => sum + seconds, 0),
    ...epochLosses(steps),
    steps: lossSeries(steps),
    entropy: entropySeries(steps),
    validations: validations.map(({ epoch, step, ...results }) => ({ epoch, step, results })),
    evaluation: readEvaluation(run.evaluation, file.settings.frames),
    facts: facts(file, steps),
    config: readFileSync(run.config, "utf8"),
  };
}

function readEvaluation(path: string, trained: readonly string[]): ReportRun["evaluation"] {
  if (!existsSync(path)) return undefined;
  const { split, ids, step, ceiling, ...results } = parseAs(readFileSync(path, "utf8"), evaluationFile, path);
  return { split, step, framesTrainedOn: ids.filter((id) => trained.includes(id)).length, results, ceiling };
}

function facts({ settings, environment }: RunFile, steps: readonly StepLine[]): [string, string][] {
  const { frames, split, epochs, batchSize, augmentation } = settings;
  const total = epochs * Math.ceil(frames.length / batchSize);
  const seconds = steps.map((step) => step.seconds).sort((a, b) => a - b);
  const list: [string, string | undefined][] = [
    ["Trained on", `${frames.length} frames (${split})`],
    ["Epochs", `${epochs}, ${batchSize} frames per step`],
    ["Steps", steps.at(-1)!.step === total ? String(total) : `${steps.at(-1)!.step} of ${total}: not finished`],
    ["Step time", `${seconds[Math.floor(seconds.length / 2)].toFixed(2)} s (median)`],
    ["Started", environment.started?.replace(/T(..:..).*/, " $1 UTC")],
    ["Augmentation", augmentation ? "yes" : "no"],
    ["Backend", environment.description],
    ...environment.notes.map((note): [string, string] => ["", note]),
    ["Node", environment.node],
    ["TensorFlow.js", environment.tensorflowjs],
    ["Platform", environment.platform],
  ];
  return list.filter((fact): fact is [string, string] => fact[1] !== undefined);
}
