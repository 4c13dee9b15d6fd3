import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { version_core } from "@tensorflow/tfjs-core";
import { type ExperimentData, experimentHtml, type ResultChart, type ResultTable } from "report-page";
import { openDataSource } from "../frames/open-data-source.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import type { Experiment } from "./experiments.js";
import type { ExperimentPlace } from "./planned-run.js";
import type { RunOutcome } from "./run-outcome.js";

/** Results of an experiment as they are kept: what its page shows, and every run in numbers. */
export interface ExperimentResults extends ExperimentData {
  readonly runs: readonly RunOutcome[];
}

/** What an experiment has found. */
export interface Findings {
  readonly charts: readonly ResultChart[];
  readonly tables: readonly ResultTable[];
}

/** Writes `results.json` and `index.html` into the experiment's folder. @returns the folder */
export function writeResults(
  { name, title, question, paper }: Experiment,
  { charts, tables }: Findings,
  {
    place,
    command,
    facts,
    runs,
  }: {
    readonly place: ExperimentPlace;
    readonly command: string;
    readonly facts: readonly (readonly [string, string])[];
    readonly runs: readonly RunOutcome[];
  },
): string {
  const folder = join(place.out, name);
  const environment = [
    ["Node", process.version],
    ["TensorFlow.js", version_core],
    ["Platform", `${process.platform}-${process.arch}`],
  ] as const;
  const shown: ExperimentData = {
    name,
    title,
    question,
    paper,
    made: new Date().toISOString(),
    command,
    data: openDataSource(place.data).describe(),
    facts: [...facts, ...environment],
    charts,
    tables,
  };
  mkdirSync(folder, { recursive: true });
  const results: ExperimentResults = { ...shown, runs };
  writeFileAtomic(join(folder, "results.json"), `${JSON.stringify(results, null, 1)}\n`);
  writeFileAtomic(join(folder, "index.html"), experimentHtml(shown));
  return folder;
}
