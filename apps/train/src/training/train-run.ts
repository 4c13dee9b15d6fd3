import { existsSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import type { NamedArray } from "second-detector";
import { openDataSource } from "../frames/open-data-source.js";
import type { RunFolder } from "../runs/run-folder.js";
import { appendLine, truncateLines } from "../runs/run-lines.js";
import type { RunRequest } from "../runs/run-request.js";
import { sweepTemporaries } from "../system/atomic-write.js";
import { owningFolder } from "../system/folder-owner.js";
import { type Progress, startProgress } from "../system/progress.js";
import { randomStream, shuffledIndices } from "../system/random.js";
import type { StopSignal } from "../system/stop-signal.js";
import { type BatchWorkers, startBatchWorkers } from "./batch-workers.js";
import { newTrainingState, readCheckpoint, type TrainingState, writeCheckpoint } from "./checkpoint.js";
import { prefetch } from "./prefetch.js";
import { measuredTaps, trainedTaps } from "./tap-loss.js";
import { type BatchOrigin, type BatchRequest, openBatches } from "./training-batches.js";
import { type StepMetrics, trainingStep } from "./training-step.js";
import { openValidator, type Validation, type Validator } from "./validate-epochs.js";

/** How a training run ended. */
export interface TrainingOutcome {
  /** optimiser steps taken, those of an earlier part of the run included */
  readonly step: number;
  readonly totalSteps: number;
  /** stopped by a signal before the last step; the checkpoint is of the last finished one */
  readonly interrupted: boolean;
  /** mean total loss of the first and of the last epoch that this call ran */
  readonly firstEpochLoss: number;
  readonly lastEpochLoss: number;
  /** most memory that the process has had at once, in bytes */
  readonly peakResidentBytes: number;
}

/** What a training run needs. */
export interface TrainingJob extends RunRequest {
  readonly run: RunFolder;
  /** go on from the run's checkpoint; where a run was ended before its first one, from the beginning */
  readonly resume: boolean;
  /** threads that prepare the next batches while a step runs; 0: the main thread prepares each when it is needed */
  readonly workers: number;
  /** evaluate while training, into `validation.jsonl`; default: never */
  readonly validation?: Validation;
  /** where the data's index and objects are; needed where the recipe samples objects */
  readonly indexFolder?: string | undefined;
  /** weights to begin with in place of random ones, by name; a resumed run has its own */
  readonly initialWeights?: ReadonlyMap<string, NamedArray> | undefined;
  readonly stop: Pick<StopSignal, "requested">;
}

/**
 * Trains a detector and keeps the run folder up to date: a line in `metrics.jsonl` after every step, a checkpoint after every
 * epoch, an evaluation in `validation.jsonl` after some of them if asked for, and a checkpoint of the last finished step when a
 * signal asks to stop or anything throws. The order of frames depends on seed and epoch alone, so a resumed run takes the same
 * steps, bit for bit, as one that was never interrupted; so does a run with another number of workers.
 * @throws Error if another process is at work in the run folder
 */
export function trainRun(job: TrainingJob): Promise<TrainingOutcome> {
  return owningFolder(job.run.path, () => trainOwned(job));
}

async function trainOwned({
  run,
  recipe,
  settings,
  resume,
  workers,
  validation,
  indexFolder,
  initialWeights,
  stop,
}: TrainingJob): Promise<TrainingOutcome> {
  sweepTemporaries(run.path);
  const { frames, seed, entropyLoss } = settings;
  const { epochs, batchSize } = recipe.training;
  const stepsPerEpoch = Math.ceil(frames.length / batchSize);
  const totalSteps = epochs * stepsPerEpoch;
  const state = newTrainingState(recipe, seed, initialWeights);
  if (resume && existsSync(run.checkpoint)) readCheckpoint(run.checkpoint, state);
  truncateLines(run.metrics, state.step);

  const { detector: config, augmentation } = recipe;
  const tapLoss = (entropyLoss ? trainedTaps : measuredTaps)(recipe.entropyLoss);
  const data = openDataSource(settings.data);
  const placeInRun = { data, config, step: state.step, stepsPerEpoch, totalSteps };
  const validate = validation && (await openValidator(run, validation, placeInRun));
  const source = await openSource({ data: settings.data, frames, config, augmentation, seed, indexFolder }, workers);
  const schedule = remainingSteps(state.step, totalSteps, { frames, seed, batchSize, stepsPerEpoch });
  const batches = prefetch(schedule, source.load, workers === 0 ? 0 : workers + 1);
  const progress = startProgress("train", totalSteps, state.step);
  const epochLosses: number[] = [];
  let epochLoss = 0;
  let epochSteps = 0;
  try {
    // A run that was stopped between an epoch and its evaluation makes it now.
    if (validate) await mentionFound(validate, state, progress);
    while (state.step < totalSteps && !stop.requested) {
      const epoch = Math.floor(state.step / stepsPerEpoch);
      const started = performance.now();
      const batch = (await batches.next()).value!;
      const waitSeconds = (performance.now() - started) / 1000;
      const rng = randomStream(seed, `dropout of step ${state.step}`);
      const metrics = await trainingStep(state, batch, { recipe, totalSteps, tapLoss, rng });
      const seconds = (performance.now() - started) / 1000;
      const times = { seconds, waitSeconds };
      appendLine(run.metrics, { step: state.step, epoch: epoch + 1, ...metrics, ...times, memory: memoryUse() });
      progress.advance(describe(epoch, metrics));

      epochLoss += metrics.losses.total;
      epochSteps += 1;
      if (state.step % stepsPerEpoch === 0) {
        epochLosses.push(epochLoss / epochSteps);
        epochLoss = 0;
        epochSteps = 0;
        await writeCheckpoint(run.checkpoint, state);
        if (validate && !stop.requested) await mentionFound(validate, state, progress);
      }
      // Lets signals in: everything above may run without a pause.
      await new Promise(setImmediate);
    }
  } catch (error) {
    // What was learnt before something went wrong is kept; that it cannot be is no more than the error says already.
    if (state.step % stepsPerEpoch !== 0) await writeCheckpoint(run.checkpoint, state).catch(() => {});
    throw error;
  } finally {
    progress.stop();
    await source.close();
  }
  if (state.step % stepsPerEpoch !== 0) await writeCheckpoint(run.checkpoint, state);
  return {
    step: state.step,
    totalSteps,
    interrupted: state.step < totalSteps,
    firstEpochLoss: epochLosses[0] ?? Number.NaN,
    lastEpochLoss: epochLosses[epochLosses.length - 1] ?? Number.NaN,
    peakResidentBytes: 1024 * process.resourceUsage().maxRSS,
  };
}

async function mentionFound(validate: Validator, state: TrainingState, progress: Progress): Promise<void> {
  const found = await validate(state);
  if (found !== undefined) progress.mention(found);
}

interface Schedule {
  readonly frames: readonly string[];
  readonly seed: number;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
}

/** Frames of the step after `step` finished ones: each epoch goes through all frames once, in an order of its own. */
function framesOfStep(step: number, { frames, seed, batchSize, stepsPerEpoch }: Schedule): BatchRequest {
  const epoch = Math.floor(step / stepsPerEpoch);
  const order = shuffledIndices(frames.length, randomStream(seed, `order of epoch ${epoch}`));
  const first = (step % stepsPerEpoch) * batchSize;
  return { ids: Array.from(order.subarray(first, first + batchSize), (index) => frames[index]), epoch };
}

/** The frames of every step to come. */
function* remainingSteps(step: number, totalSteps: number, schedule: Schedule): Generator<BatchRequest, void> {
  for (let next = step; next < totalSteps; next += 1) yield framesOfStep(next, schedule);
}

async function openSource(origin: BatchOrigin, workers: number): Promise<BatchWorkers> {
  const load = await openBatches(origin); // also with workers: finds out here that there are no such data
  return workers === 0 ? { load, close: async () => {} } : startBatchWorkers(origin, workers);
}

/** What stays between two steps. */
function memoryUse() {
  const { numTensors, numBytes } = tf.memory();
  return { tensors: numTensors, tensorBytes: numBytes, residentBytes: process.memoryUsage.rss() };
}

function describe(epoch: number, { losses, learningRate }: StepMetrics): string {
  return `epoch ${epoch + 1}, loss ${losses.total.toFixed(4)}, rate ${learningRate.toExponential(2)}`;
}
