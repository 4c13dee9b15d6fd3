import type { BackendReport } from "open-backend";
import type { NamedArray } from "second-detector";
import { openDataSource } from "../frames/open-data-source.js";
import { evaluateTrained, type RunEvaluation } from "../inference/evaluate-run.js";
import { openTrainingDataUntil } from "../prepare/training-data.js";
import { runFolder } from "../runs/run-folder.js";
import type { RunRequest } from "../runs/run-request.js";
import type { StopSignal } from "../system/stop-signal.js";
import { trainRun } from "./train-run.js";
import type { Validation } from "./validate-epochs.js";

/** A run to be trained to its end and evaluated. */
export interface EvaluatedRun extends RunRequest {
  readonly folder: string;
  readonly validation: Validation;
  readonly backend: BackendReport;
  readonly workers: number;
  /** weights to begin with in place of random ones, by name */
  readonly initialWeights?: ReadonlyMap<string, NamedArray> | undefined;
  readonly stop: StopSignal;
}

/**
 * Trains a run and evaluates it on its validation frames. What an earlier call of the same options trained is taken over, a part
 * of it continued.
 * @returns undefined if it was stopped
 * @throws Error if the folder holds a run of other options
 */
export async function trainAndEvaluate(job: EvaluatedRun): Promise<RunEvaluation | undefined> {
  const { folder, validation, stop } = job;
  const data = openDataSource(job.settings.data, { reading: job.recipe.data });
  const camera = job.recipe.detector.camera !== undefined;
  const prepared = await openTrainingDataUntil(stop, data, { frames: job.settings.frames, camera });
  if (prepared === undefined) return undefined;
  const settings = { ...job.settings, frames: prepared.frames };
  const outcome = await trainRun({ ...job, settings, indexFolder: prepared.indexFolder });
  if (outcome.interrupted) return undefined;
  const { split, frames } = validation;
  const { precision } = job.backend;
  return evaluateTrained(runFolder(folder), { data, split, frames, precision, stop });
}
