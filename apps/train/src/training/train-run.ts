import * as tf from "@tensorflow/tfjs-core";
import { type Communicator, singleRank } from "mpi-collectives";
import type { BackendReport } from "open-backend";
import type { NamedArray } from "second-detector";
import type { LeftOut } from "../frames/frame-fault.js";
import { openDataSource } from "../frames/open-data-source.js";
import { forgetRun, type RunFolder, runFolder } from "../runs/run-folder.js";
import { readEpochLosses } from "../runs/run-records.js";
import { holdsRun, openRun, type RunRequest, stepsOf, stepsPerEpoch, stepsPerPass } from "../runs/run-request.js";
import { sweepTemporaries } from "../system/atomic-write.js";
import { type FolderOwnership, owningFolder } from "../system/folder-owner.js";
import { type Progress, startProgress } from "../system/progress.js";
import { randomStream, shuffledIndices } from "../system/random.js";
import { letSignalsIn, type StopWish } from "../system/stop-signal.js";
import type { RunObserver } from "../tracking/run-observer.js";
import { tensorboardObserver } from "../tracking/tensorboard.js";
import { type BatchWorkers, startBatchWorkers } from "./batch-workers.js";
import { newTrainingState, readCheckpoint, type TrainingState } from "./checkpoint.js";
import { prefetch } from "./prefetch.js";
import { type Clock, openKeeper, type RunKeeper, systemClock } from "./run-keeper.js";
import { passesOfRank, shardedStep, shardsOf } from "./sharded-step.js";
import { measuredTaps, trainedTaps } from "./tap-loss.js";
import { type BatchOrigin, type BatchRequest, openBatches } from "./training-batches.js";
import { type StepMetrics, type TrainingBatch, trainingStep } from "./training-step.js";
import { openValidator, type Validation, type Validator } from "./validate-epochs.js";

/** Default of {@link TrainingJob.checkpointEvery}. */
const CHECKPOINT_EVERY = 10 * 60_000;

/** How a training run ended. */
export interface TrainingOutcome {
  /** optimiser steps taken, those of an earlier part of the run included */
  readonly step: number;
  /** those of the earlier part */
  readonly stepBefore: number;
  readonly totalSteps: number;
  /** asked to stop before the last step or its evaluation; the checkpoint is of the last finished step */
  readonly interrupted: boolean;
  /** frames of the evaluations during this part that were left out, as their data are at fault */
  readonly leftOut: readonly LeftOut[];
  /** mean total loss of the run's first and of its last epoch; none before the first step */
  readonly firstEpochLoss?: number | undefined;
  readonly lastEpochLoss?: number | undefined;
  /** most memory that the process has had at once, in bytes */
  readonly peakResidentBytes: number;
}

/** What a training run needs. */
export interface TrainingJob extends RunRequest {
  /** of the run: a new or empty one, or one that this run was begun in */
  readonly folder: string;
  /** what it runs on, as `startBackend` reports it */
  readonly backend: Partial<BackendReport>;
  /** threads that prepare the next batches while a step runs; 0: the main thread prepares each when it is needed */
  readonly workers: number;
  /** most milliseconds of learning that a process which is killed may lose; default 10 minutes. An epoch's end is kept anyway */
  readonly checkpointEvery?: number;
  /** evaluate while training, into `validation.jsonl`; default: never */
  readonly validation?: Validation | undefined;
  /** where the data's index and objects are; needed where the recipe samples objects */
  readonly indexFolder?: string | undefined;
  /** weights to begin with in place of random ones, by name; a run that goes on has its own */
  readonly initialWeights?: ReadonlyMap<string, NamedArray> | undefined;
  /** write `events.tfevents`, too; default: no */
  readonly tensorboard?: boolean | undefined;
  /** processes that share out the shards of each step, in the order of their ranks; default: this one alone */
  readonly comm?: Communicator | undefined;
  readonly stop: StopWish;
  readonly clock?: Clock;
}

/** What a run says of a folder that holds another. */
const REMEDY = "give the recipe and options of that run, choose another folder, or delete that one";

/**
 * Trains a detector in its run's folder: begins, or goes on from the checkpoint that is there. Keeps the folder up to date: a
 * line in `metrics.jsonl` after every step; a checkpoint after every epoch, every `checkpointEvery`, and of the last finished
 * step when something asks to stop or anything throws; an evaluation in `validation.jsonl` after some epochs, if asked for.
 * Frames and random numbers of a step depend on seed and step alone, so a run that went on takes the same steps, bit for bit,
 * as one that was never interrupted; so does a run with another number of workers.
 * @throws FolderTakenError if another process is at work in the folder; Error if that holds another run or something else
 */
export function trainRun(job: TrainingJob): Promise<TrainingOutcome> {
  if (job.comm && job.comm.rank > 0) return trainBeside(job, job.comm);
  return owningFolder(job.folder, (ownership) => trainOwned(job, ownership));
}

/** A rank that writes nothing: it takes the same steps with its own shards. */
async function trainBeside(job: TrainingJob, comm: Communicator): Promise<TrainingOutcome> {
  const { folder, recipe, settings, initialWeights } = job;
  const run = runFolder(folder);
  const state = newTrainingState(recipe, settings.seed, initialWeights);
  const [stepBefore] = await comm.broadcast(new Float64Array(1));
  if (stepBefore > 0) readCheckpoint(run.checkpoint, state);
  await comm.barrier();
  const { finished, leftOut } = await takeSteps(job, { run, state });
  const peakResidentBytes = 1024 * process.resourceUsage().maxRSS;
  const steps = { step: state.step, stepBefore, totalSteps: stepsOf(job), interrupted: !finished, leftOut };
  return { ...steps, peakResidentBytes };
}

async function trainOwned(job: TrainingJob, ownership: FolderOwnership): Promise<TrainingOutcome> {
  const { folder, recipe, settings, backend, initialWeights, stop, clock = systemClock } = job;
  const { checkpointEvery: every = CHECKPOINT_EVERY } = job;
  sweepTemporaries(folder);
  const isNew = !holdsRun(runFolder(folder));
  const run = openRun(folder, { recipe, settings }, { backend, remedy: REMEDY });
  const state = newTrainingState(recipe, settings.seed, initialWeights);
  const keeper = openKeeper(run, state, { ownership, every, clock });
  const totalSteps = stepsOf(job);
  const stepBefore = state.step;
  if (stepBefore > 0 && stepBefore < totalSteps)
    process.stderr.write(`goes on after step ${state.step} of ${totalSteps}\n`);
  let taken: Taken;
  try {
    await job.comm?.broadcast(Float64Array.of(stepBefore));
    await job.comm?.barrier();
    taken = await takeSteps(job, { run, state, keeper });
    if (!taken.finished) keeper.noteEnd(stop.reason ?? "asked to stop");
  } catch (error) {
    if (isNew && state.step === 0) {
      // Nothing was learnt: the next try may be of another recipe. Unless somebody else has taken the folder over.
      ownership.check();
      forgetRun(run);
      throw error;
    }
    // What was learnt before something went wrong is kept; that it cannot be is no more than the error says already.
    await keeper.rescue((what) => process.stderr.write(`${what}\n`));
    keeper.noteError(error);
    throw error;
  }
  const { first: firstEpochLoss, last: lastEpochLoss } = readEpochLosses(run);
  const peakResidentBytes = 1024 * process.resourceUsage().maxRSS;
  const steps = { step: state.step, stepBefore, totalSteps, interrupted: !taken.finished, leftOut: taken.leftOut };
  return { ...steps, firstEpochLoss, lastEpochLoss, peakResidentBytes };
}

/** A run that is being trained. */
interface OpenRun {
  readonly run: RunFolder;
  readonly state: TrainingState;
  /** of the rank that writes */
  readonly keeper?: RunKeeper | undefined;
}

/** How far the steps went. */
interface Taken {
  readonly finished: boolean;
  readonly leftOut: readonly LeftOut[];
}

/** Takes the steps that are left, until something asks to stop. */
async function takeSteps(job: TrainingJob, { run, state, keeper }: OpenRun): Promise<Taken> {
  const { recipe, settings, workers, stop, comm = singleRank() } = job;
  const validation = keeper && job.validation;
  const { frames, seed, entropyLoss } = settings;
  const { batchSize, shards } = recipe.training;
  const totalSteps = stepsOf(job);
  const epochSteps = stepsPerEpoch(recipe.training, frames.length);
  const data = openDataSource(settings.data, { reading: recipe.data });
  const observer: RunObserver | undefined =
    keeper && job.tensorboard
      ? tensorboardObserver({
          run,
          recipe,
          step: state.step,
          stepsPerEpoch: epochSteps,
          frames: frames.length,
          data,
          validationFrames: validation?.frames ?? [],
        })
      : undefined;
  const placeInRun = { data, config: recipe.detector, stop, stepsPerEpoch: epochSteps, totalSteps, observer };
  const validator = validation && (await openValidator(run, validation, placeInRun));
  const source = await openSource(job);
  const schedule = { frames, seed, batchSize };
  const countOf = (step: number) => shardsOf(framesOfStep(step, schedule).ids, shards ?? 1).length;
  const requests = ownRequests(state.step, totalSteps, { ...schedule, shards: shards ?? 1, comm });
  const batches = prefetch(requests, source.load, workers === 0 ? 0 : workers + 1);
  const tapLoss = entropyLoss ? trainedTaps(recipe.entropyLoss, seed) : measuredTaps(recipe.entropyLoss);
  const progress = keeper ? startProgress("train", totalSteps, state.step) : undefined;
  const waiting = <T>(others: Promise<T>) => savingOnStop(others, stop, keeper);
  try {
    // A run that was stopped between an epoch and its evaluation makes it now.
    await evaluateIfDue(validator, state, progress);
    while (state.step < totalSteps && !(await anyAsks(stop, comm, waiting))) {
      const epoch = Math.floor(state.step / epochSteps);
      const started = performance.now();
      const count = countOf(state.step);
      const own: TrainingBatch[] = [];
      for (const _ of passesOfRank(count, comm)) own.push((await batches.next()).value!);
      const waitSeconds = (performance.now() - started) / 1000;
      const rng = randomStream(seed, `dropout of step ${state.step}`);
      const options = { recipe, totalSteps, tapLoss, rng };
      const metrics =
        shards === undefined
          ? await trainingStep(state, own[0], options)
          : await shardedStep(state, { count, batches: own, comm, seed, waiting }, options);
      const seconds = (performance.now() - started) / 1000;
      const times = { seconds, waitSeconds };
      const line = { step: state.step, epoch: epoch + 1, ...metrics, ...times, memory: memoryUse() };
      keeper?.log(line);
      observer?.step(line);
      progress?.advance(describe(epoch, metrics));

      if (state.step % epochSteps === 0 || keeper?.isDue()) await keeper?.save();
      await evaluateIfDue(validator, state, progress);
      await letSignalsIn();
    }
    await keeper?.save();
    const finished = state.step === totalSteps && !validator?.isDue(totalSteps);
    return { finished, leftOut: validator?.leftOut ?? [] };
  } finally {
    progress?.stop();
    await source.close();
  }
}

async function evaluateIfDue(
  validator: Validator | undefined,
  state: TrainingState,
  progress: Progress | undefined,
): Promise<void> {
  if (!validator?.isDue(state.step)) return;
  const found = await validator.evaluate(state);
  if (found !== undefined) progress?.mention(found);
}

interface Schedule {
  readonly frames: readonly string[];
  readonly seed: number;
  readonly batchSize: number;
}

/** Frames of the step after `step` finished ones: each pass goes through all frames once, in an order of its own. */
function framesOfStep(step: number, { frames, seed, batchSize }: Schedule): BatchRequest {
  const steps = stepsPerPass({ batchSize }, frames.length);
  const pass = Math.floor(step / steps);
  const order = shuffledIndices(frames.length, randomStream(seed, `order of epoch ${pass}`));
  const first = (step % steps) * batchSize;
  return { ids: Array.from(order.subarray(first, first + batchSize), (index) => frames[index]), epoch: pass };
}

/** The frames of this rank's shards of every step to come. */
function* ownRequests(
  step: number,
  totalSteps: number,
  { shards, comm, ...schedule }: Schedule & { readonly shards: number; readonly comm: Communicator },
): Generator<BatchRequest, void> {
  for (let next = step; next < totalSteps; next += 1) {
    const { ids, epoch } = framesOfStep(next, schedule);
    const parts = shardsOf(ids, shards);
    for (const shard of passesOfRank(parts.length, comm)) yield { ids: parts[shard], epoch };
  }
}

/** Whether any rank is asked to stop: all do after the same step. */
async function anyAsks(
  stop: StopWish,
  comm: Communicator,
  waiting: <T>(others: Promise<T>) => Promise<T>,
): Promise<boolean> {
  if (comm.size === 1) return stop.requested;
  const [asked] = await waiting(comm.allReduce(Int32Array.of(stop.requested ? 1 : 0), "max"));
  return asked > 0;
}

/** Between two looks whether something asks to stop, in milliseconds. */
const LOOK = 100;

/**
 * Waits for other ranks. Asked to stop meanwhile, it keeps what was learnt at once: a launcher that ends a job, since a rank has died,
 * soon kills the rest.
 */
async function savingOnStop<T>(others: Promise<T>, stop: StopWish, keeper: RunKeeper | undefined): Promise<T> {
  let saved: Promise<void> | undefined;
  const look = setInterval(() => {
    if (stop.requested && saved === undefined) saved = keeper?.save();
  }, LOOK);
  try {
    return await others;
  } finally {
    clearInterval(look);
    await saved;
  }
}

async function openSource({ settings, recipe, indexFolder, workers }: TrainingJob): Promise<BatchWorkers> {
  const { data, frames, seed } = settings;
  const { detector: config, augmentation } = recipe;
  const origin: BatchOrigin = { data, reading: recipe.data, frames, config, augmentation, seed, indexFolder };
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
