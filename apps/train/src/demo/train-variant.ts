import type { BackendReport } from "open-backend";
import { openDataSource } from "../frames/open-data-source.js";
import { evaluateRun, type RunEvaluation } from "../inference/evaluate-run.js";
import { openTrainedDetector } from "../inference/open-detector.js";
import { openTrainingDataUntil } from "../prepare/training-data.js";
import { runFolder } from "../runs/run-folder.js";
import type { RunRequest } from "../runs/run-request.js";
import type { StopSignal } from "../system/stop-signal.js";
import { trainRun } from "../training/train-run.js";
import type { Validation } from "../training/validate-epochs.js";

/** One of the runs that a demo compares. */
export interface Variant extends RunRequest {
  readonly folder: string;
  readonly validation: Validation;
  readonly backend: BackendReport;
  readonly workers: number;
  readonly stop: StopSignal;
}

/**
 * Trains a variant and evaluates it. What an earlier demo of the same options trained is taken over, a part of it continued.
 * @returns undefined if it was stopped
 * @throws Error if the folder holds a run of other options
 */
export async function trainVariant(variant: Variant): Promise<RunEvaluation | undefined> {
  const { folder, validation, stop } = variant;
  const data = openDataSource(variant.settings.data);
  const prepared = await openTrainingDataUntil(stop, data, variant.settings);
  if (prepared === undefined) return undefined;
  const settings = { ...variant.settings, frames: prepared.frames };
  const outcome = await trainRun({ ...variant, settings, indexFolder: prepared.indexFolder });
  if (outcome.interrupted) return undefined;
  const run = runFolder(folder);
  const { detector, step } = openTrainedDetector(run);
  try {
    const { split, frames } = validation;
    return await evaluateRun(run, detector, { data, split, frames, step, stop });
  } finally {
    detector.network.dispose();
  }
}
