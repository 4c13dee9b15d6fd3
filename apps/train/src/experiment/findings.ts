import { openDataSource } from "../frames/open-data-source.js";
import { startProgress } from "../system/progress.js";
import { accelerationTable, curvesChart, entropyTable, gainDifferenceTable } from "./analyse-training.js";
import type { Arm } from "./arms.js";
import { accuracyTable, comparisonTable, runsTable } from "./compare-arms.js";
import type { Bases, Experiment } from "./experiments.js";
import { latencyTable } from "./measure-latency.js";
import { estimationTable, neighbourCostTable } from "./measure-neighbours.js";
import { countReadings, measureNoise, type NoiseReading, noiseTable } from "./measure-noise.js";
import { type ExperimentPlace, type PlannedRun, runState, trainArguments } from "./planned-run.js";
import type { Findings } from "./results.js";
import { METRICS, runOutcome } from "./run-outcome.js";

/** What an experiment is analysed from. */
export interface FindingsJob {
  readonly arms: readonly Arm[];
  readonly runs: readonly PlannedRun[];
  readonly place: ExperimentPlace;
  /** frames to measure noise and latency on */
  readonly validationFrames: readonly string[];
  readonly bases: Bases;
  readonly signal: AbortSignal;
}

/** Charts and tables of an experiment, from its runs and from what it measures itself. */
export async function findingsOf(experiment: Experiment, job: FindingsJob): Promise<Findings> {
  const { arms, runs, place } = job;
  const names = arms.map(({ name }) => name);
  const outcomes = runs.map(runOutcome);
  const pairs = arms.filter(({ entropyLoss }) => entropyLoss).map(({ name, baseline }) => [name, baseline] as const);
  const commands = runs.map((run) => `eloss ${trainArguments(run, place).join(" ")}`);
  const accuracy = [accuracyTable(outcomes, names), comparisonTable(outcomes, pairs)];
  const allRuns = runsTable(outcomes, commands);
  switch (experiment.name) {
    case "curves": {
      const charts = METRICS.slice(0, 3).map((metric) => curvesChart(outcomes, names, metric));
      return { charts, tables: [accelerationTable(outcomes, pairs), ...accuracy, allRuns] };
    }
    case "k":
      return {
        charts: [],
        tables: [...accuracy, estimationTable(), neighbourCostTable(), entropyTable(outcomes, names), allRuns],
      };
    case "pointnet": {
      const [second, pointnet] = pairs;
      const gains = gainDifferenceTable(outcomes, [pointnet, second], METRICS);
      return { charts: [], tables: [gains, ...accuracy, allRuns] };
    }
    case "noise":
      return { charts: [], tables: [noiseTable(await readNoise(job), names), ...accuracy, allRuns] };
    case "latency":
      return { charts: [], tables: [await measureLatency(job)] };
    default: {
      const charts = [curvesChart(outcomes, names, "Car 3D")];
      return { charts, tables: [...accuracy, entropyTable(outcomes, names), allRuns] };
    }
  }
}

async function readNoise({ runs, place, signal, ...job }: FindingsJob): Promise<NoiseReading[]> {
  const scored = job.validationFrames;
  const frames = { learned: place.frames.slice(0, Math.max(2, scored.length)), scored };
  const finished = runs.filter((run) => runState(run).kind === "finished");
  const progress = startProgress("noise", finished.length * countReadings(frames));
  const readings: NoiseReading[] = [];
  try {
    for (const run of finished) {
      if (signal.aborted) break;
      const onFrame = (note: string) => progress.advance(note);
      readings.push(await measureNoise(run, { data: openDataSource(place.data), frames, onFrame }));
    }
  } finally {
    progress.stop();
  }
  return readings;
}

async function measureLatency({ bases: { models, recipe }, place, validationFrames }: FindingsJob) {
  const progress = startProgress("latency", models.length);
  try {
    return await latencyTable({
      recipes: models.map(recipe),
      data: place.data,
      frames: validationFrames,
      onModel: (name) => progress.advance(name),
    });
  } finally {
    progress.stop();
  }
}
