import { type Evaluation, evaluateKitti } from "./evaluate-kitti.js";
import type { EvaluationObject } from "./evaluation-object.js";
import { perfectDetections } from "./perfect-detections.js";
import { EVALUATION_CLASSES, type EvaluationClass, type Level } from "./rules.js";

/** One AP as a share of what a perfect detector gets, and how far the choice of frames moves it. */
export interface ShareOfPossible {
  readonly class: EvaluationClass;
  readonly overlap: "strict" | "loose";
  readonly metric: "bev" | "3d";
  /** AP at 40 recalls, percent: of the detections, and of a perfect detector */
  readonly found: number;
  readonly possible: number;
  /** found of possible, percent */
  readonly share: number;
  /** 95 of 100 draws of as many frames, with replacement, have their share between these, percent */
  readonly interval: readonly [number, number];
  /** draws that hold an object of the class: only they have a share */
  readonly draws: number;
}

export interface SharesOptions {
  /** numbers in [0, 1) */
  readonly rng: () => number;
  /** Default 1000. */
  readonly draws?: number;
  /** Default `moderate`. */
  readonly level?: Level;
}

/** Percentiles between which 95 of 100 draws lie. */
const TAILS = [0.025, 0.975] as const;

/**
 * APs of few frames, read beside what is possible there: the share of a perfect detector's AP on the ground and in space at both
 * overlaps, with its interval by bootstrap over the frames (Efron 1979, percentiles). What one frame more or less would change is
 * in the interval; that the frames are of one day or one town is not.
 * @param groundTruth one array per frame, as for {@link evaluateKitti}
 * @returns           those of the classes that the frames have
 * @throws TypeError or RangeError as {@link evaluateKitti}; RangeError if `draws` is no whole number from 1
 */
export function sharesOfPossible(
  groundTruth: readonly (readonly EvaluationObject[])[],
  detections: readonly (readonly EvaluationObject[])[],
  { rng, draws = 1000, level = "moderate" }: SharesOptions,
): ShareOfPossible[] {
  if (!Number.isSafeInteger(draws) || draws < 1) {
    throw new RangeError(`sharesOfPossible: expected a whole number from 1 for draws, got ${draws}`);
  }
  const perfect = perfectDetections(groundTruth);
  const measure = (frames: readonly number[]): Measured[] => {
    const truth = frames.map((frame) => groundTruth[frame]);
    const found = averages(
      evaluateKitti(
        truth,
        frames.map((frame) => detections[frame]),
      ),
      level,
    );
    const possible = averages(
      evaluateKitti(
        truth,
        frames.map((frame) => perfect[frame]),
      ),
      level,
    );
    return found.map((value, i) => ({ found: value, possible: possible[i], share: (100 * value) / possible[i] }));
  };
  if (detections.length !== groundTruth.length) evaluateKitti(groundTruth, detections); // says so
  const all = measure([...groundTruth.keys()]);
  const drawn: number[][] = all.map(() => []);
  for (let draw = 0; draw < draws; draw++) {
    const frames = groundTruth.map(() => Math.floor(rng() * groundTruth.length));
    measure(frames).forEach(({ possible, share }, i) => {
      if (possible > 0) drawn[i].push(share);
    });
  }
  return FIGURES.flatMap((figure, i) => {
    if (!(all[i].possible > 0)) return [];
    const shares = drawn[i].sort((a, b) => a - b);
    const [low, high] = TAILS.map((tail) => shares[Math.floor(tail * (shares.length - 1))] ?? all[i].share);
    return [{ ...figure, ...all[i], interval: [low, high] as const, draws: shares.length }];
  });
}

type Measured = Pick<ShareOfPossible, "found" | "possible" | "share">;

const FIGURES = EVALUATION_CLASSES.flatMap((name) =>
  (["strict", "loose"] as const).flatMap((overlap) =>
    (["bev", "3d"] as const).map((metric) => ({ class: name, overlap, metric })),
  ),
);

/** AP at 40 recalls of each figure; 0 where nothing was found that could be evaluated. */
function averages(evaluation: Evaluation, level: Level): number[] {
  return FIGURES.map(({ class: name, overlap, metric }) => evaluation[overlap][name][metric]?.[level].r40 || 0);
}
