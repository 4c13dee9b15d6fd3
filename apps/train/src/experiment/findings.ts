import { openDataSource } from "../frames/open-data-source.js";
import { readRunFile } from "../runs/run-file.js";
import { counted } from "../system/counted.js";
import { startProgress } from "../system/progress.js";
import { letSignalsIn } from "../system/stop-signal.js";
import { ALIKE_PRECISION, precisionTable } from "./analyse-precision.js";
import { EQUIVALENT, primaryAnswer, primaryTable, secondaryTable } from "./analyse-replication.js";
import { comparedReadingsTable, readingsTable, stabilityTable, varianceTable } from "./analyse-spread.js";
import { accelerationTable, curvesChart, entropyTable, gainDifferenceTable } from "./analyse-training.js";
import { waitDifferences, waitingChart, waitingTable } from "./analyse-waiting.js";
import { accuracyDifferences, accuracyTable, comparisonTable, runsTable } from "./compare-arms.js";
import type { Findings, FindingsJob } from "./experiment.js";
import { carPrecision, drawFrames, readLabelledFrames } from "./frame-precision.js";
import { latencyTable } from "./measure-latency.js";
import { estimationTable, neighbourCostTable } from "./measure-neighbours.js";
import { countReadings, measureNoise, type NoiseReading, noiseTable } from "./measure-noise.js";
import { type PlannedRun, runState, trainArguments } from "./planned-run.js";
import { runOutcome } from "./read-outcome.js";
import { DRAWS, type ResampledRun } from "./replicated-runs.js";
import { METRICS } from "./run-outcome.js";

/** Accuracy and entropies of every arm. */
export function accuracyFindings(job: FindingsJob): Findings {
  const { outcomes, names, pairs, accuracy, allRuns } = comparedRuns(job);
  const charts = [curvesChart(outcomes, names, "Car 3D")];
  return {
    differences: [accuracyDifferences(outcomes, pairs)],
    charts,
    tables: [...accuracy, entropyTable(outcomes, names), allRuns],
  };
}

/** How fast accuracy grows. */
export function curvesFindings(job: FindingsJob): Findings {
  const { outcomes, names, pairs, accuracy, allRuns } = comparedRuns(job);
  const charts = METRICS.slice(0, 3).map((metric) => curvesChart(outcomes, names, metric));
  return {
    differences: [accuracyDifferences(outcomes, pairs)],
    charts,
    tables: [accelerationTable(outcomes, pairs), ...accuracy, allRuns],
  };
}

/** Accuracy by neighbour, with error and cost of the estimates themselves. */
export function neighbourFindings(job: FindingsJob): Findings {
  const { outcomes, names, pairs, accuracy, allRuns } = comparedRuns(job);
  const tables = [...accuracy, estimationTable(), neighbourCostTable(), entropyTable(outcomes, names), allRuns];
  return { differences: [accuracyDifferences(outcomes, pairs)], charts: [], tables };
}

/** What the second model gains from the loss, against what the first one does. */
export function gainFindings(job: FindingsJob): Findings {
  const { outcomes, pairs, accuracy, allRuns } = comparedRuns(job);
  const [first, second] = pairs;
  const differences = [accuracyDifferences(outcomes, pairs)];
  return {
    differences,
    charts: [],
    tables: [gainDifferenceTable(outcomes, [second, first], METRICS), ...accuracy, allRuns],
  };
}

/** What the finished runs say about noisy scans. */
export async function noiseFindings(job: FindingsJob): Promise<Findings> {
  const { names, accuracy, allRuns } = comparedRuns(job);
  return { charts: [], tables: [noiseTable(await readNoise(job), names), ...accuracy, allRuns] };
}

/** What docs/protocol.md asks for: the primary comparison, the secondary ones corrected together, and what steadies and explains them. */
export async function replicationFindings(job: FindingsJob): Promise<Findings> {
  const { arms, names, outcomes, pairs, accuracy, allRuns } = comparedRuns(job);
  const replicated = { outcomes, resampled: await resampleRuns(job) };
  const plain = arms.filter(({ entropyLoss }) => !entropyLoss).map(({ name }) => name);
  const armsOf = (detector: string) => names.filter((name) => name === detector || name.startsWith(`${detector}-`));
  const [primary, ...others] = pairs;
  const ofL1 = plain.map((name) => [`${name}-l1`, name] as const);
  const metrics = (["Pedestrian 3D", "Cyclist 3D", "Car BEV"] as const).flatMap((metric) =>
    ofL1.map((comparison) => ({ comparison, metric })),
  );
  const control = [`${primary[1]}-l1`, `${primary[1]}-l1-shuffled`] as const;
  const planned = job.runs.filter(({ arm }) => arm.name === primary[0]).length;
  return {
    resampled: replicated.resampled,
    answer: primaryAnswer(outcomes, primary, planned),
    differences: [
      accuracyDifferences(outcomes, [...pairs, control], { alike: EQUIVALENT }),
      waitDifferences(outcomes, ofL1),
    ],
    charts: [
      curvesChart(outcomes, [...primary], "Car 3D"),
      waitingChart(replicated, primary),
      ...plain.map((name) => curvesChart(outcomes, armsOf(name), "Car 3D", name)),
    ],
    tables: [
      primaryTable(replicated, primary, planned),
      secondaryTable(replicated, { arms: [...others, control], metrics, waits: primary }),
      readingsTable(replicated, primary),
      comparedReadingsTable(replicated, [...pairs, control]),
      varianceTable(replicated, plain),
      waitingTable(replicated, ofL1),
      stabilityTable(replicated, pairs),
      accelerationTable(outcomes, ofL1),
      ...accuracy,
      entropyTable(outcomes, names),
      allRuns,
    ],
  };
}

/**
 * Car 3D AP of every finished run on draws of its validation frames, those that have no detections yet evaluated first. Of runs that were
 * made elsewhere it is known where their results have it.
 */
async function resampleRuns({ runs, setup, signal }: FindingsJob): Promise<ResampledRun[]> {
  const known = runs.flatMap(({ recorded }) => recorded?.resampled ?? []);
  const finished = runs.filter((run) => run.recorded === undefined && runState(run).kind === "finished");
  if (finished.length === 0) return known;
  const labelled = await readLabelledFrames(openDataSource(setup.data), setup.validationFrames);
  const count = labelled.frames.length;
  const drawn = Array.from({ length: DRAWS }, (_, draw) => drawFrames(count, draw));
  const all = new Uint16Array(count).fill(1);
  const quarter = all.map((_, i) => Number(i < Math.ceil(count / 4)));
  const stop = {
    get requested() {
      return signal.aborted;
    },
  };
  const progress = startProgress("resample", finished.length);
  const resampled: ResampledRun[] = [];
  try {
    for (const run of finished) {
      const precision = await carPrecision(run, labelled, stop);
      if (precision === undefined) break;
      const { arm, seed } = run;
      const draws = Float64Array.from(drawn, precision);
      resampled.push({ arm: arm.name, seed, all: precision(all), quarter: precision(quarter), draws });
      progress.advance(`${arm.name} seed ${seed}`);
      await letSignalsIn();
    }
  } finally {
    progress.stop();
  }
  return [...known, ...resampled];
}

/** What bfloat16 does to accuracy; no answer where a run that was to be in bfloat16 was not. */
export function precisionFindings(job: FindingsJob): Findings {
  const { outcomes, names, pairs, accuracy, allRuns } = comparedRuns(job);
  const [comparison] = pairs;
  const asked = job.runs.filter(({ arm }) => arm.name === comparison[0]);
  const float32 = asked.filter((run) => runState(run).kind === "finished" && trainedIn(run) !== "bf16").length;
  return {
    answer:
      float32 > 0
        ? `No answer: ${counted(float32, "run")} of ${comparison[0]} took float32, as the processor has no instructions for bfloat16.`
        : primaryAnswer(outcomes, comparison, asked.length, ALIKE_PRECISION),
    differences: [accuracyDifferences(outcomes, pairs, { alike: ALIKE_PRECISION, title: "What bfloat16 changes" })],
    charts: [curvesChart(outcomes, names, "Car 3D")],
    tables: [precisionTable(outcomes, comparison), ...accuracy, allRuns],
  };
}

/** What the products of a run's layers rounded to, whatever was asked for. */
function trainedIn({ folder }: PlannedRun): string | undefined {
  return readRunFile(folder).environment.precision;
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
  const pairs = arms
    .filter(({ name, baseline }) => name !== baseline)
    .map(({ name, baseline }) => [name, baseline] as const);
  const commands = runs.map((run) => `eloss ${trainArguments(run, setup).join(" ")}`);
  return {
    arms,
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
