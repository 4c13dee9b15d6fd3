import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { version_core } from "@tensorflow/tfjs-core";
import { differencesSvg, type ExperimentData, experimentHtml } from "report-page";
import { openDataSource } from "../frames/open-data-source.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import type { Experiment, Findings } from "./experiment.js";
import type { ExperimentSetup } from "./planned-run.js";
import type { RunOutcome } from "./run-outcome.js";

/** Results of an experiment as they are kept: what its page shows, and every run in numbers. */
export interface ExperimentResults extends ExperimentData {
  readonly runs: readonly RunOutcome[];
}

/** Writes `results.json`, `index.html` and a drawing of each kind of differences as SVG into the experiment's folder. @returns both, the folder and what results.json holds */
export function writeResults(
  { name, title, question, paper }: Experiment,
  { answer, differences = [], charts, tables }: Findings,
  {
    setup,
    command,
    facts,
    runs,
  }: {
    readonly setup: ExperimentSetup;
    readonly command: string;
    readonly facts: readonly (readonly [string, string])[];
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
  const results: ExperimentResults = { ...shown, runs };
  writeFileAtomic(join(folder, "results.json"), `${JSON.stringify(results, null, 1)}\n`);
  writeFileAtomic(join(folder, "index.html"), experimentHtml(shown));
  for (const each of drawn) writeFileAtomic(join(folder, `${each.id}.svg`), differencesSvg(each));
  return { folder, results };
}
