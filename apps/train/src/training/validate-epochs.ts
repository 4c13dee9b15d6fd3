import type { DetectionEvaluation, Evaluation } from "kitti-eval";
import { type Weights, weightsToArrays } from "second-detector";
import type { DataSource } from "../frames/data-source.js";
import { doubtLines } from "../frames/frame-doubts.js";
import { describeLeftOut, type LeftOut } from "../frames/frame-fault.js";
import { evaluateFrames, type FramesEvaluation, openEvaluationFrames } from "../inference/evaluate-frames.js";
import { makeDetector, snapshotDetector } from "../inference/open-detector.js";
import type { Detector } from "../inference/predict-frame.js";
import type { RunFolder } from "../runs/run-folder.js";
import { appendLine, readStepNumbers } from "../runs/run-lines.js";
import type { StopWish } from "../system/stop-signal.js";
import type { RunObserver } from "../tracking/run-observer.js";
import type { TrainingState } from "./checkpoint.js";
import type { WeightAverage } from "./weight-average.js";

/** Evaluations during training. They change nothing in it: a run with and one without take the same steps. */
export interface Validation {
  /** after how many epochs each time; the last epoch is always followed by one */
  readonly every: number;
  /** what the frames are called */
  readonly split: string;
  readonly frames: readonly string[];
  /** a frame whose data are at fault ends the training */
  readonly strict?: boolean | undefined;
}

/** The evaluations of a run. */
export interface Validator {
  /** frames that were left out, as their data are at fault */
  readonly leftOut: readonly LeftOut[];
  /** whether one after so many steps is asked for and has not been made */
  isDue(step: number): boolean;
  /**
   * Makes the one of a state, of its weights and, after the last step, of their average if there is one. Asked to stop, it ends after the frame at hand; then whoever goes on with the run makes it.
   * @returns one line for people, undefined if it was ended
   */
  evaluate(state: TrainingState): Promise<string | undefined>;
}

/** The run that evaluations are made in. */
interface PlaceInRun {
  readonly data: DataSource;
  readonly config: Detector["config"];
  readonly stop: StopWish;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly observer?: RunObserver | undefined;
}

/**
 * Prepares the evaluations of a run; those that are in its `validation.jsonl` have been made.
 * @throws Error if the data have no such frames
 */
export async function openValidator(
  run: RunFolder,
  { every, split, frames, strict }: Validation,
  placeInRun: PlaceInRun,
): Promise<Validator> {
  const { data, config, stop, stepsPerEpoch, totalSteps, observer } = placeInRun;
  const labelled = await openEvaluationFrames(data, frames, config);
  const done = new Set(readStepNumbers(run.validation));
  const allLeftOut = new Map<string, LeftOut>();
  let told = false;
  const evaluateAverage = async (average: WeightAverage, weights: Weights) => {
    const model = new Map([...(await weightsToArrays(weights)), ...(await average.toArrays())]);
    const detector = makeDetector(model, config);
    try {
      return await evaluateFrames(detector, labelled, { stop, strict });
    } finally {
      detector.network.dispose();
    }
  };
  return {
    get leftOut() {
      return [...allLeftOut.values()];
    },
    isDue: (step) => step > 0 && !done.has(step) && (step % (every * stepsPerEpoch) === 0 || step === totalSteps),
    async evaluate({ weights, average, step }) {
      const started = performance.now();
      const detector = await snapshotDetector(weights, config);
      try {
        const evaluated = await evaluateFrames(detector, labelled, { stop, strict });
        if (evaluated === undefined) return undefined;
        const atEnd = step === totalSteps ? average : undefined;
        const averaged = atEnd && (await evaluateAverage(atEnd, weights));
        if (atEnd !== undefined && averaged === undefined) return undefined;
        const { leftOut } = evaluated;
        const epoch = step / stepsPerEpoch;
        const seconds = (performance.now() - started) / 1000;
        const line = {
          step,
          epoch,
          split,
          frames: frames.length - leftOut.length,
          seconds,
          ...figuresOf(evaluated),
          ...(averaged && { average: figuresOf(averaged) }),
        };
        appendLine(run.validation, line);
        done.add(step);
        await observer?.evaluated(line, detector);
        for (const frame of leftOut) allLeftOut.set(frame.id, frame);
        const beside = averaged === undefined ? "" : `; their average: ${describe(averaged)}`;
        const without = leftOut.map((frame) => `; ${describeLeftOut(frame)}`).join("");
        const doubts = told ? [] : doubtLines(labelled.doubts);
        told = true;
        return [`${split} after epoch ${epoch}: ${describe(evaluated)}${beside}${without}`, ...doubts].join("\n");
      } finally {
        detector.network.dispose();
      }
    },
  };
}

/** What a line of `validation.jsonl` says of some weights. */
function figuresOf({ official, tables }: FramesEvaluation): object {
  return official ? withoutCurves(official.result) : { averages: averagesOf(tables) };
}

/** Strict and loose AP only: a curve for every epoch would be most of the file. NaN, which JSON lacks, as "NaN". */
function withoutCurves({ strict, loose }: Evaluation): object {
  const text = JSON.stringify({ strict, loose }, (key, value) =>
    key === "curve" ? undefined : Number.isNaN(value) ? "NaN" : value,
  );
  return JSON.parse(text);
}

/** AP at 40 recalls of each class, BEV and 3D: of all objects with a point. */
function averagesOf({ classes }: DetectionEvaluation): object {
  return Object.fromEntries(classes.map(({ name, all }) => [name, all.ap]));
}

/** 3D AP (R40; official: moderate, strict) of each class that something was found of; of those that KITTI does not know, too. */
function describe({ official, tables }: FramesEvaluation): string {
  const known = official === undefined ? [] : Object.entries(official.result.strict);
  const found = known.flatMap(([name, of]) =>
    of["3d"] === null ? [] : [`${name} ${of["3d"].moderate.r40.toFixed(1)}`],
  );
  const names = new Set(known.map(([name]) => name));
  const others = tables.classes
    .filter(({ name, detections }) => detections > 0 && !names.has(name.toLowerCase()))
    .map(({ name, all }) => `${name} ${all.ap["3d"]?.toFixed(1) ?? "-"}`);
  const all = [...found, ...others];
  return all.length === 0 ? "nothing found" : `3D AP ${all.join(", ")}`;
}
