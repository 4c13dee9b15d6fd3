import { join } from "node:path";
import { runsTable } from "../experiment/compare-arms.js";
import type { Findings, FindingsJob } from "../experiment/experiment.js";
import { runState, trainArguments } from "../experiment/planned-run.js";
import { runOutcome } from "../experiment/read-outcome.js";
import { openDataSource } from "../frames/open-data-source.js";
import { precisionOf } from "./condition-precision.js";
import { CLEAN, corruptedConditions, sensorConditions } from "./conditions.js";
import {
  aurocOf,
  compareJudged,
  foundTable,
  harmSignsTable,
  type JudgedRun,
  kindSignsTable,
  signDifferences,
  signsTable,
} from "./loss-tables.js";
import { type FrameSet, measureSubjects } from "./measure-unusual.js";
import { runSubject } from "./subject.js";

/** Of the validation frames, at most: those that tell what is usual, and those behind them that are scored. Of fewer, in the same proportion. */
const REFERENCE = 40;
const SCORED = 24;

/** Whether detectors that were trained on the loss tell corrupted scans better, and find more in them, than their twins without. */
export async function unusualLossFindings({ arms, runs, setup, signal }: FindingsJob): Promise<Findings> {
  const data = openDataSource(setup.data);
  const conditions = [...corruptedConditions, ...sensorConditions(setup.data)];
  const usual = Math.min(REFERENCE, Math.floor((setup.validationFrames.length * REFERENCE) / (REFERENCE + SCORED)));
  const reference = setup.validationFrames.slice(0, usual);
  const scored = setup.validationFrames.slice(usual, usual + SCORED);
  if (reference.length < 2)
    throw new Error(
      `experiment unusual-loss: expected 4 validation frames or more, got ${setup.validationFrames.length}`,
    );
  const sets: FrameSet[] = [
    { name: "reference", data, frames: reference, conditions: [] },
    { name: "scored", data, frames: scored, conditions },
  ];
  await data.require([...reference, ...scored]);
  const finished = runs.filter((run) => runState(run).kind === "finished");
  const measured = await measureSubjects(
    finished.map(({ folder }) => runSubject(folder.path, "last")), // as the replication's endpoint
    sets,
    { folder: join(setup.out, "unusual-loss", "readings"), signal },
  );
  const judged = measured.map(({ subject, readings: [clean, corrupted] }, i): JudgedRun => {
    const { arm, seed } = finished[i];
    const precision = precisionOf(corrupted, subject.config);
    const precisions = new Map([CLEAN, ...conditions].map(({ name }) => [name, precision(name)])); // each is asked for often
    return {
      arm: arm.name,
      seed,
      auroc: aurocOf(clean.byCondition.get(CLEAN.name)!, corrupted.byCondition),
      precision: ({ name }) => precisions.get(name),
    };
  });
  const comparisons = arms
    .filter(({ entropyLoss }) => entropyLoss)
    .map(({ name, baseline }) => compareJudged(judged, [name, baseline]))
    .filter(({ pairs }) => pairs.length > 0);
  return {
    differences: [signDifferences(comparisons, conditions)],
    charts: [],
    tables: [
      signsTable(comparisons, conditions, { usual, scored: scored.length }),
      foundTable(comparisons, conditions),
      harmSignsTable(comparisons, conditions),
      kindSignsTable(comparisons, conditions),
      runsTable(
        runs.map(runOutcome),
        runs.map((run) => `eloss ${trainArguments(run, setup).join(" ")}`),
      ),
    ],
  };
}
