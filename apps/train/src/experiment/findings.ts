import { openDataSource } from "../frames/open-data-source.js";
import { startProgress } from "../system/progress.js";
import { accelerationTable, curvesChart, entropyTable, gainDifferenceTable } from "./analyse-training.js";
import { accuracyTable, comparisonTable, runsTable } from "./compare-arms.js";
import type { Findings, FindingsJob } from "./experiment.js";
import { latencyTable } from "./measure-latency.js";
import { estimationTable, neighbourCostTable } from "./measure-neighbours.js";
import { countReadings, measureNoise, type NoiseReading, noiseTable } from "./measure-noise.js";
import { runState, trainArguments } from "./planned-run.js";
import { METRICS, runOutcome } from "./run-outcome.js";

/** Accuracy and entropies of every arm. */
export function accuracyFindings(job: FindingsJob): Findings {
  const { outcomes, names, accuracy, allRuns } = comparedRuns(job);
  const charts = [curvesChart(outcomes, names, "Car 3D")];
  return { charts, tables: [...accuracy, entropyTable(outcomes, names), allRuns] };
}

/** How fast accuracy grows. */
export function curvesFindings(job: FindingsJob): Findings {
  const { outcomes, names, pairs, accuracy, allRuns } = comparedRuns(job);
  const charts = METRICS.slice(0, 3).map((metric) => curvesChart(outcomes, names, metric));
  return { charts, tables: [accelerationTable(outcomes, pairs), ...accuracy, allRuns] };
}

/** Accuracy by neighbour, with error and cost of the estimates themselves. */
export function neighbourFindings(job: FindingsJob): Findings {
  const { outcomes, names, accuracy, allRuns } = comparedRuns(job);
  const tables = [...accuracy, estimationTable(), neighbourCostTable(), entropyTable(outcomes, names), allRuns];
  return { charts: [], tables };
}

/** What the second model gains from the loss, against what the first one does. */
export function gainFindings(job: FindingsJob): Findings {
  const { outcomes, pairs, accuracy, allRuns } = comparedRuns(job);
  const [first, second] = pairs;
  return { charts: [], tables: [gainDifferenceTable(outcomes, [second, first], METRICS), ...accuracy, allRuns] };
}

/** What the finished runs say about noisy scans. */
export async function noiseFindings(job: FindingsJob): Promise<Findings> {
  const { names, accuracy, allRuns } = comparedRuns(job);
  return { charts: [], tables: [noiseTable(await readNoise(job), names), ...accuracy, allRuns] };
}

/** What the loss costs, of every model. */
export async function latencyFindings({ bases: { models, recipe }, setup }: FindingsJob): Promise<Findings> {
  const progress = startProgress("latency", models.length);
  try {
    const table = await latencyTable({
      recipes: models.map(recipe),
      data: setup.data,
      frames: setup.validationFrames,
      onModel: (name) => progress.advance(name),
    });
    return { charts: [], tables: [table] };
  } finally {
    progress.stop();
  }
}

/** What has come of the runs, and the tables that show it in every experiment. */
function comparedRuns({ arms, runs, setup }: FindingsJob) {
  const names = arms.map(({ name }) => name);
  const outcomes = runs.map(runOutcome);
  const pairs = arms.filter(({ entropyLoss }) => entropyLoss).map(({ name, baseline }) => [name, baseline] as const);
  const commands = runs.map((run) => `eloss ${trainArguments(run, setup).join(" ")}`);
  return {
    names,
    outcomes,
    pairs,
    accuracy: [accuracyTable(outcomes, names), comparisonTable(outcomes, pairs)],
    allRuns: runsTable(outcomes, commands),
  };
}

async function readNoise({ runs, setup, signal }: FindingsJob): Promise<NoiseReading[]> {
  const scored = setup.validationFrames;
  const frames = { learned: setup.frames.slice(0, Math.max(2, scored.length)), scored };
  const finished = runs.filter((run) => runState(run).kind === "finished");
  const progress = startProgress("noise", finished.length * countReadings(frames));
  const readings: NoiseReading[] = [];
  try {
    for (const run of finished) {
      if (signal.aborted) break;
      const onFrame = (note: string) => progress.advance(note);
      readings.push(await measureNoise(run, { data: openDataSource(setup.data), frames, onFrame }));
    }
  } finally {
    progress.stop();
  }
  return readings;
}
