import { existsSync } from "node:fs";
import type { BackendReport } from "open-backend";
import { openDataSource } from "../frames/open-data-source.js";
import { evaluateRun, type RunEvaluation } from "../inference/evaluate-run.js";
import { openTrainedDetector } from "../inference/open-detector.js";
import { openTrainingData } from "../prepare/training-data.js";
import { type RunFolder, runFolder } from "../runs/run-folder.js";
import { holdsRun, openSameRun, type RunRequest, startRun } from "../runs/run-request.js";
import type { StopSignal } from "../system/stop-signal.js";
import { trainRun } from "../training/train-run.js";
import type { Validation } from "../training/validate-epochs.js";

/** One of the runs that a demo compares. */
export interface Variant extends RunRequest {
  readonly folder: string;
  readonly validation: Validation;
  readonly backend: BackendReport;
  readonly workers: number;
  readonly stop: Pick<StopSignal, "requested">;
}

/**
 * Trains a variant and evaluates it. What an earlier demo of the same options trained is taken over, a part of it continued.
 * @returns undefined if it was stopped
 * @throws Error if the folder holds a run of other options
 */
export async function trainVariant(variant: Variant): Promise<RunEvaluation | undefined> {
  const { recipe, validation, workers, stop } = variant;
  const data = openDataSource(variant.settings.data);
  const { indexFolder, frames: usable } = await openTrainingData(data, variant.settings.frames);
  const settings = { ...variant.settings, frames: usable };
  const run = openVariant({ ...variant, settings });
  const resume = existsSync(run.checkpoint);
  const outcome = await trainRun({ run, recipe, settings, resume, workers, validation, indexFolder, stop });
  if (outcome.interrupted) return undefined;
  const { detector, step } = openTrainedDetector(run);
  try {
    const { split, frames } = validation;
    return await evaluateRun(run, detector, { data, split, frames, step });
  } finally {
    detector.network.dispose();
  }
}

/** The run's folder: a new one, or that of an earlier demo if it asked for the same. */
function openVariant({ folder, recipe, settings, backend }: Variant): RunFolder {
  const request = { settings, recipe };
  return holdsRun(runFolder(folder))
    ? openSameRun(folder, request, "give another --out, or delete that folder")
    : startRun(folder, request, backend);
}
