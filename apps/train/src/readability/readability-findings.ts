import { runsTable } from "../experiment/compare-arms.js";
import type { Findings, FindingsJob } from "../experiment/experiment.js";
import { runState, trainArguments } from "../experiment/planned-run.js";
import { runOutcome } from "../experiment/read-outcome.js";
import { openDataSource } from "../frames/open-data-source.js";
import { readRecipe } from "../recipe/open-recipe.js";
import { startProgress } from "../system/progress.js";
import { readCheckpointModel } from "../training/checkpoint.js";
import { readCheckpoint } from "./read-checkpoint.js";
import {
  compareReadings,
  layersTable,
  type ReadRun,
  readabilityDifferences,
  readabilityTable,
} from "./readability-tables.js";

/** Frames that each checkpoint is read on, the same ones. */
const FRAMES = 20;

/** How the layers of the finished runs can be read, with the loss and without. */
export async function readabilityFindings({ arms, runs, setup, signal }: FindingsJob): Promise<Findings> {
  const frames = setup.validationFrames.slice(0, FRAMES);
  const data = openDataSource(setup.data);
  await data.require(frames);
  const finished = runs.filter((run) => runState(run).kind === "finished");
  const progress = startProgress("read", finished.length * frames.length);
  const read: ReadRun[] = [];
  try {
    for (const { arm, seed, folder } of finished) {
      const { detector } = readRecipe(folder.config);
      const { model } = readCheckpointModel(folder.checkpoint, "last"); // as the replication's endpoint
      const onFrame = () => progress.advance(`${arm.name} seed ${seed}`);
      const found = await readCheckpoint(model, detector, { data, frames, signal, onFrame });
      if (found === undefined) break;
      read.push({ arm: arm.name, seed, ...found });
    }
  } finally {
    progress.stop();
  }
  const comparisons = arms
    .filter(({ entropyLoss }) => entropyLoss)
    .map(({ name, baseline }) => compareReadings(read, [name, baseline]))
    .filter(({ pairs }) => pairs.length > 0);
  const commands = runs.map((run) => `eloss ${trainArguments(run, setup).join(" ")}`);
  return {
    differences: [readabilityDifferences(comparisons)],
    charts: [],
    tables: [readabilityTable(comparisons), layersTable(comparisons), runsTable(runs.map(runOutcome), commands)],
  };
}
