import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { version_core } from "@tensorflow/tfjs-core";
import { differencesSvg, type ExperimentData, experimentHtml } from "report-page";
import { openDataSource } from "../frames/open-data-source.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import type { Arm } from "./arms.js";
import type { Experiment, Findings } from "./experiment.js";
import type { ExperimentSetup } from "./planned-run.js";
import { type RecordedPlan, recordedPlan } from "./recorded-runs.js";
import type { ResampledRun } from "./replicated-runs.js";
import type { RunOutcome } from "./run-outcome.js";

/**
 * Results of an experiment as they are kept: what its page shows, what its runs were asked for, and every run in numbers, so that
 * another machine can take the runs over.
 */
export interface ExperimentResults extends ExperimentData {
  readonly plan: RecordedPlan;
  readonly runs: readonly (RunOutcome & { readonly resampled?: KeptDraws })[];
}

/** What a run was resampled to, in hundredths of a percent. */
type KeptDraws = Pick<ResampledRun, "all" | "quarter"> & { readonly draws: readonly number[] };

/** Writes `results.json`, `index.html` and a drawing of each kind of differences as SVG into the experiment's folder. @returns both, the folder and what results.json holds */
export function writeResults(
  { name, title, question, paper }: Experiment,
  { answer, differences = [], charts, tables, resampled = [] }: Findings,
  {
    setup,
    command,
    facts,
    arms,
    runs,
  }: {
    readonly setup: ExperimentSetup;
    readonly command: string;
    readonly facts: readonly (readonly [string, string])[];
    readonly arms: readonly Arm[];
    readonly runs: readonly RunOutcome[];
  },
): { readonly folder: string; readonly results: ExperimentResults } {
  const folder = join(setup.out, name);
  const environment = [
    ["Node", process.version],
    ["TensorFlow.js", version_core],
    ["Platform", `${process.platform}-${process.arch}`],
  ] as const;
  const drawn = differences.filter(({ rows }) => rows.length > 0);
  const shown: ExperimentData = {
    name,
    title,
    question,
    paper,
    made: new Date().toISOString(),
    command,
    data: openDataSource(setup.data).describe(),
    facts: [...facts, ...environment],
    ...(answer === undefined ? {} : { answer }),
    differences: drawn,
    charts,
    tables,
  };
  mkdirSync(folder, { recursive: true });
  const results: ExperimentResults = {
    ...shown,
    plan: recordedPlan(arms, setup),
    runs: runs.map((run) => ({ ...run, ...keptDraws(resampled, run) })),
  };
  writeFileAtomic(join(folder, "results.json"), `${JSON.stringify(results, null, 1)}\n`);
  writeFileAtomic(join(folder, "index.html"), experimentHtml(shown));
  for (const each of drawn) writeFileAtomic(join(folder, `${each.id}.svg`), differencesSvg(each));
  return { folder, results };
}

function keptDraws(resampled: readonly ResampledRun[], { arm, seed }: RunOutcome): { readonly resampled?: KeptDraws } {
  const run = resampled.find((each) => each.arm === arm && each.seed === seed);
  if (run === undefined) return {};
  const { all, quarter, draws } = run;
  return { resampled: { all, quarter, draws: Array.from(draws, (ap) => Math.round(100 * ap) / 100) } };
}
