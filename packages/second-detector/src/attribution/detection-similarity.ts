import type { Predictions } from "../decode-predictions.js";
import { boxIou } from "./box-iou.js";

/** Boxes, scores and labels of one scan. */
export type ScoredBoxes = Pick<Predictions, "boxes" | "scores" | "labels">;

/**
 * How much of each detection is found again in a changed scan: over the boxes of its class there, the largest
 *
 *     IoU in space · min(1, score there / its own score)
 *
 * A larger score is no loss, and a box turned by 180° is the same. Schinagl et al. (CVPR 2022, section 3.3) multiply factors for
 * place, size and heading; the overlap is all three in one.
 * @returns [k] 0..1; 0 for a detection of which nothing is left
 * @throws RangeError if boxes and scores disagree in number
 */
export function detectionSimilarity(detections: ScoredBoxes, found: ScoredBoxes): Float64Array {
  for (const [name, { boxes, scores, labels }] of Object.entries({ detections, found })) {
    if (boxes.length === 7 * scores.length && labels.length === scores.length) continue;
    throw new RangeError(
      `detectionSimilarity: expected ${scores.length} boxes [n, 7] and labels for ${name}, as many as scores, got ` +
        `${boxes.length} numbers and ${labels.length} labels`,
    );
  }
  return Float64Array.from(detections.scores, (score, rowA) => {
    let best = 0;
    for (let rowB = 0; rowB < found.scores.length; rowB++) {
      if (found.labels[rowB] !== detections.labels[rowA]) continue;
      const agreement = Math.min(1, found.scores[rowB] / score);
      if (!(agreement > best)) continue; // the overlap is at most 1
      best = Math.max(best, agreement * boxIou(detections.boxes, found.boxes, { rowA, rowB }));
    }
    return best;
  });
}
