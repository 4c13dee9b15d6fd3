import type { AnchorGrid } from "./anchors.js";
import { decodeBoxes } from "./box-code.js";
import type { DetectorConfig } from "./config/detector-config.js";
import { rankScores, rotatedNms } from "./rotated-nms.js";

/** Head outputs of one scan; flattened, one row per anchor. */
export interface HeadArrays {
  /** [n, classes] logits */
  readonly cls: ArrayLike<number>;
  /** [n, 7] box codes */
  readonly box: ArrayLike<number>;
  /** [n, 2] logits of the direction bins */
  readonly dir: ArrayLike<number>;
}

/** The boxes found in one scan, best first. */
export interface Predictions {
  /** [k, 7] x, y, z of the centre, dx, dy, dz, yaw (not wrapped); metres and radians, LiDAR frame */
  readonly boxes: Float32Array;
  /** [k] 0..1 */
  readonly scores: Float32Array;
  /** [k] label index */
  readonly labels: Int32Array;
  /** [k] the anchor that each came from */
  readonly anchors: Int32Array;
}

/** The part of a configuration that decides predictions. */
export type PredictionRules = Pick<DetectorConfig, "classes" | "predict">;

/**
 * From the head's outputs for one scan to boxes.
 *
 * An anchor's score is the largest σ(logit) of its classes (the first class of equal ones). Those of at least
 * `scoreThreshold` are ranked (equal scores by anchor), the best `maxCandidates` decoded, their yaw turned to the half that
 * the direction bin names: lim(yaw − o, l, π) + o + π·bin with lim(v, l, p) = v − ⌊v/p + l⌋·p, o = `directionOffset`,
 * l = `directionLimitOffset`. One suppression over all classes together; the best `maxBoxes` stay. Float64 throughout,
 * results rounded once. A logit that is NaN makes no candidate, nor does a code that decodes to an infinite box.
 * @param head outputs, anchors in the order of `buildAnchors`
 * @throws RangeError if the lengths do not fit the anchors
 */
export function decodePredictions(
  head: HeadArrays,
  anchors: AnchorGrid,
  { classes, predict }: PredictionRules,
): Predictions {
  checkLengths(head, anchors, classes.length);
  const candidates = scoreAnchors(head.cls, classes.length, predict.scoreThreshold);
  const ranked = rankScores(candidates.scores, predict.maxCandidates);
  const best = Int32Array.from(ranked, (i) => candidates.anchors[i]);
  const boxes = decodeBoxes(takeRows(head.box, best), takeRows(anchors.boxes, best));
  best.forEach((anchor, i) => {
    const bin = head.dir[anchor * 2 + 1] > head.dir[anchor * 2] ? 1 : 0;
    const { directionOffset, directionLimitOffset } = predict;
    const turned = boxes[i * 7 + 6] - directionOffset;
    const limited = turned - Math.floor(turned / Math.PI + directionLimitOffset) * Math.PI;
    boxes[i * 7 + 6] = limited + directionOffset + Math.PI * bin;
  });
  const usable = Float64Array.from(ranked, (i, row) => (isFiniteRow(boxes, row) ? candidates.scores[i] : Number.NaN));
  const kept = rotatedNms(boxes, usable, predict).filter((i) => !Number.isNaN(usable[i]));
  return {
    boxes: Float32Array.from(takeRows(boxes, kept)),
    scores: Float32Array.from(kept, (i) => usable[i]),
    labels: kept.map((i) => candidates.labels[ranked[i]]),
    anchors: kept.map((i) => best[i]),
  };
}

/** Score, class and index of the anchors of at least the threshold, in anchor order. */
function scoreAnchors(logits: ArrayLike<number>, classCount: number, threshold: number) {
  const anchors: number[] = [];
  const scores: number[] = [];
  const labels: number[] = [];
  const tooLow = logitBelow(threshold);
  for (let anchor = 0, at = 0; at < logits.length; anchor++, at += classCount) {
    let label = 0;
    for (let k = 1; k < classCount; k++) if (logits[at + k] > logits[at + label]) label = k;
    if (logits[at + label] < tooLow) continue;
    const score = 1 / (1 + Math.exp(-logits[at + label]));
    if (!(score >= threshold)) continue;
    anchors.push(anchor);
    scores.push(score);
    labels.push(label);
  }
  return { anchors, scores, labels };
}

/**
 * A logit so low that everything below it scores less than the threshold: most anchors are dropped by one comparison,
 * without an exponential. A little below the exact ln(t/(1 − t)), and never above 20, where σ rounds to within 1e-16 of
 * thresholds that near to 1.
 */
function logitBelow(threshold: number): number {
  return Math.min(Math.log(threshold / (1 - threshold)), 20) - 1e-6;
}

/** Whether a box is finite as it will be given out, in float32. */
function isFiniteRow(boxes: Float64Array, row: number): boolean {
  for (let k = 0; k < 7; k++) if (!Number.isFinite(Math.fround(boxes[row * 7 + k]))) return false;
  return true;
}

function takeRows(boxes: ArrayLike<number>, rows: Int32Array): Float64Array {
  const taken = new Float64Array(rows.length * 7);
  rows.forEach((row, i) => {
    for (let k = 0; k < 7; k++) taken[i * 7 + k] = boxes[row * 7 + k];
  });
  return taken;
}

function checkLengths({ cls, box, dir }: HeadArrays, anchors: AnchorGrid, classCount: number): void {
  const count = anchors.labels.length;
  const wanted = { cls: [cls.length, classCount], box: [box.length, 7], dir: [dir.length, 2] };
  for (const [name, [length, columns]] of Object.entries(wanted)) {
    if (length !== count * columns) {
      throw new RangeError(`decodePredictions: expected ${count} × ${columns} numbers for head.${name}, got ${length}`);
    }
  }
}
