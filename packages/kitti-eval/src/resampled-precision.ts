import { checkFrames, type EvaluationObject } from "./evaluation-object.js";
import { lowerBound, type MatchCounts, Matcher } from "./matching.js";
import { classView, DetectionBuilder, GroundTruthBuilder } from "./object-columns.js";
import { overlapTables } from "./overlap-table.js";
import { type LevelResult, levelResult, recallThresholds } from "./precision-curve.js";
import {
  EVALUATION_CLASSES,
  type EvaluationClass,
  LEVELS,
  type Level,
  LOOSE_OVERLAP,
  type Metric,
  STRICT_OVERLAP,
} from "./rules.js";

/** Which number of an evaluation. */
export interface PrecisionOptions {
  readonly class: EvaluationClass;
  readonly level: Level;
  readonly metric: Metric;
  /** default `strict` */
  readonly overlap?: "strict" | "loose";
}

/** What a frame contributes at every threshold. */
interface FrameCurve {
  /** ground truths that must be found */
  readonly objects: number;
  /** scores of the true positives, as thresholds are collected from them */
  readonly hits: readonly number[];
  /** [steps] every score in the frame, ascending; counts change there alone */
  readonly scores: Float64Array;
  /** [steps] true and false positives at that threshold */
  readonly truePositives: Int32Array;
  readonly falsePositives: Int32Array;
}

/**
 * The average precision of one class for any multiset of frames, such as the draws of a bootstrap over frames: pairs never leave
 * their frame, so each frame is matched once, and a draw only adds up. Equal, bit for bit, to `evaluateKitti` on the frames as often
 * as they are counted.
 * @param groundTruth as of `evaluateKitti`
 * @param detections  as of `evaluateKitti`
 * @returns a function of how often each frame counts, whole numbers [frames]
 * @throws TypeError or RangeError as `evaluateKitti`, RangeError for an unknown option; the function: RangeError for another number
 *   of counts, or one that is no whole number of at least 0
 */
export function resampledPrecision(
  groundTruth: readonly (readonly EvaluationObject[])[],
  detections: readonly (readonly EvaluationObject[])[],
  options: PrecisionOptions,
): (counts: ArrayLike<number>) => LevelResult {
  checkFrames(groundTruth, "groundTruth", "resampledPrecision");
  checkFrames(detections, "detections", "resampledPrecision");
  if (groundTruth.length !== detections.length) {
    throw new RangeError(
      `resampledPrecision: expected as many frames for detections as for groundTruth (${groundTruth.length}), got ${detections.length}`,
    );
  }
  checkOptions(options);
  const curves = groundTruth.map((objects, i) => frameCurve(objects, detections[i], options));
  return (counts) => {
    if (counts.length !== curves.length) {
      throw new RangeError(`resampledPrecision: expected ${curves.length} counts, got ${counts.length}`);
    }
    for (let i = 0; i < counts.length; i++) {
      if (Number.isSafeInteger(counts[i]) && counts[i] >= 0) continue;
      throw new RangeError(
        `resampledPrecision: expected a whole number of at least 0 for counts[${i}], got ${counts[i]}`,
      );
    }
    const drawn = curves.map((curve, i) => ({ curve, count: counts[i] })).filter(({ count }) => count > 0);
    const objects = drawn.reduce((sum, { curve, count }) => sum + count * curve.objects, 0);
    const hits = drawn.flatMap(({ curve, count }) => Array.from({ length: count }, () => curve.hits).flat());
    const points = recallThresholds(hits, objects).map((threshold) => {
      let truePositives = 0;
      let falsePositives = 0;
      for (const { curve, count } of drawn) {
        const step = lowerBound(curve.scores, threshold);
        if (step === curve.scores.length) continue;
        truePositives += count * curve.truePositives[step];
        falsePositives += count * curve.falsePositives[step];
      }
      return truePositives / (truePositives + falsePositives);
    });
    return levelResult(points);
  };
}

function checkOptions({ class: name, level, metric, overlap = "strict" }: PrecisionOptions): void {
  const given = [
    ["class", name, EVALUATION_CLASSES],
    ["level", level, LEVELS],
    ["metric", metric, ["2d", "bev", "3d"]],
    ["overlap", overlap, ["strict", "loose"]],
  ] as const;
  for (const [option, value, known] of given) {
    if ((known as readonly string[]).includes(value)) continue;
    throw new RangeError(`resampledPrecision: expected one of ${known.join(", ")} for ${option}, got ${String(value)}`);
  }
}

function frameCurve(
  objects: readonly EvaluationObject[],
  found: readonly EvaluationObject[],
  { class: name, level, metric, overlap = "strict" }: PrecisionOptions,
): FrameCurve {
  const truth = new GroundTruthBuilder();
  truth.addFrame(objects);
  const detected = new DetectionBuilder();
  detected.addFrame(found);
  const [groundTruth, detections] = [truth.columns(), detected.columns()];
  const view = classView(groundTruth.objects, detections, { classIndex: EVALUATION_CLASSES.indexOf(name), level });
  const table = overlapTables(groundTruth, detections)[metric];
  const limit = (overlap === "strict" ? STRICT_OVERLAP : LOOSE_OVERLAP)[name];
  const matcher = new Matcher({ table, view, scores: detections.scores, limit });
  const scores = Float64Array.from(new Set(detections.scores)).sort();
  const [truePositives, falsePositives] = [new Int32Array(scores.length), new Int32Array(scores.length)];
  const counts: MatchCounts = { truePositives: 0, falsePositives: 0, similarity: 0 };
  scores.forEach((score, step) => {
    matcher.countInto(score, counts);
    truePositives[step] = counts.truePositives;
    falsePositives[step] = counts.falsePositives;
  });
  return { objects: view.objectCount, hits: matcher.collectScores(), scores, truePositives, falsePositives };
}
