import type { Evaluation } from "kitti-eval";
import type { DataSource } from "../frames/data-source.js";
import { evaluateFrames, openEvaluationFrames } from "../inference/evaluate-frames.js";
import { snapshotDetector } from "../inference/open-detector.js";
import type { Detector } from "../inference/predict-frame.js";
import type { RunFolder } from "../runs/run-folder.js";
import { appendLine, readStepNumbers, truncateLines } from "../runs/run-lines.js";
import type { TrainingState } from "./checkpoint.js";

/** Evaluations during training. They change nothing in it: a run with and one without take the same steps. */
export interface Validation {
  /** after how many epochs each time; the last epoch is always followed by one */
  readonly every: number;
  /** what the frames are called */
  readonly split: string;
  readonly frames: readonly string[];
}

/** Looks whether an evaluation is due at this state and, if so, makes it. @returns one line for people, if it was made */
export type Validator = (state: TrainingState) => Promise<string | undefined>;

/**
 * Prepares the evaluations of a run: those of steps after `state`, which a resumed run makes again, are dropped.
 *
 * @param placeInRun step: that the run goes on from; totalSteps: of the whole run
 * @throws Error if the data have no such frames
 */
export async function openValidator(
  run: RunFolder,
  { every, split, frames }: Validation,
  placeInRun: { data: DataSource; config: Detector["config"]; step: number; stepsPerEpoch: number; totalSteps: number },
): Promise<Validator> {
  const { data, config, stepsPerEpoch, totalSteps } = placeInRun;
  const labelled = await openEvaluationFrames(data, frames, config);
  truncateLines(run.validation, placeInRun.step);
  const done = new Set(readStepNumbers(run.validation));
  return async ({ weights, step }) => {
    const due = step > 0 && (step % (every * stepsPerEpoch) === 0 || step === totalSteps);
    if (!due || done.has(step)) return undefined;
    const started = performance.now();
    const detector = await snapshotDetector(weights, config);
    try {
      const { result } = await evaluateFrames(detector, labelled);
      const epoch = step / stepsPerEpoch;
      const seconds = (performance.now() - started) / 1000;
      appendLine(run.validation, { step, epoch, split, frames: frames.length, seconds, ...withoutCurves(result) });
      done.add(step);
      return `${split} after epoch ${epoch}: ${describe(result)}`;
    } finally {
      detector.network.dispose();
    }
  };
}

/** Strict and loose AP only: a curve for every epoch would be most of the file. NaN, which JSON lacks, as "NaN". */
function withoutCurves({ strict, loose }: Evaluation): object {
  const text = JSON.stringify({ strict, loose }, (key, value) =>
    key === "curve" ? undefined : Number.isNaN(value) ? "NaN" : value,
  );
  return JSON.parse(text);
}

/** 3D AP (R40, moderate, strict) of each class that something was found of. */
function describe({ strict }: Evaluation): string {
  const found = Object.entries(strict).flatMap(([name, of]) =>
    of["3d"] === null ? [] : [`${name} ${of["3d"].moderate.r40.toFixed(1)}`],
  );
  return found.length === 0 ? "nothing found" : `3D AP ${found.join(", ")}`;
}
