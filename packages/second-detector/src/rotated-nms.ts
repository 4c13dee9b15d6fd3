import { iouAt } from "./rotated-iou.js";

/** Limits of {@link rotatedNms}. */
export interface RotatedNmsOptions {
  /** A box goes if its overlap with a kept one is above this. */
  readonly iouThreshold: number;
  /** Boxes at most that are looked at: the best ones. A whole number or Infinity. */
  readonly maxCandidates?: number;
  /** Boxes at most that are kept. A whole number or Infinity. */
  readonly maxBoxes?: number;
}

/**
 * Greedy non-maximum suppression by rotated overlap on the ground: from the best score down (equal scores by index), a box
 * stays unless its IoU with one that stayed is above the threshold. Time grows with candidates × kept boxes.
 * @param boxes  [n, 7] x, y, z of the centre, dx, dy, dz, yaw; metres and radians
 * @param scores [n]; a NaN comes last
 * @returns indices of the boxes that stay, best first
 * @throws RangeError if the lengths disagree or a limit is out of range
 */
export function rotatedNms(
  boxes: ArrayLike<number>,
  scores: ArrayLike<number>,
  { iouThreshold, maxCandidates = Number.POSITIVE_INFINITY, maxBoxes = Number.POSITIVE_INFINITY }: RotatedNmsOptions,
): Int32Array {
  if (boxes.length !== scores.length * 7) {
    throw new RangeError(`rotatedNms: expected ${scores.length * 7} numbers for boxes [n, 7], got ${boxes.length}`);
  }
  if (!(iouThreshold >= 0 && iouThreshold <= 1)) {
    throw new RangeError(`rotatedNms: expected 0 to 1 for iouThreshold, got ${iouThreshold}`);
  }
  for (const [name, most] of Object.entries({ maxCandidates, maxBoxes })) {
    if (most >= 0 && (Number.isInteger(most) || most === Number.POSITIVE_INFINITY)) continue;
    throw new RangeError(`rotatedNms: expected a whole number of at least 0 or Infinity for ${name}, got ${most}`);
  }
  const order = rankScores(scores, maxCandidates);
  const most = Math.min(maxBoxes, order.length);
  const kept = new Int32Array(most);
  let count = 0;
  for (let i = 0; i < order.length && count < most; i++) {
    const at = order[i] * 7;
    let stays = true;
    for (let j = 0; j < count && stays; j++) stays = !(iouAt(boxes, kept[j] * 7, boxes, at) > iouThreshold);
    if (stays) kept[count++] = order[i];
  }
  return kept.slice(0, count);
}

/** Indices of the `most` highest scores, from the highest to the lowest, equal ones by index, NaN last. */
export function rankScores(scores: ArrayLike<number>, most = Number.POSITIVE_INFINITY): Int32Array {
  const keys = Float64Array.from(scores, (score) => (Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score));
  const order = most < keys.length ? indicesOfHighest(keys, most) : Int32Array.from(keys.keys());
  return order.sort((a, b) => (keys[a] === keys[b] ? a - b : keys[b] - keys[a])).subarray(0, most);
}

/** Of the `most` highest keys, and of every other one that equals the lowest of them. Sorting numbers alone is fast. */
function indicesOfHighest(keys: Float64Array, most: number): Int32Array {
  const lowest = keys.slice().sort()[keys.length - most];
  const indices: number[] = [];
  for (let i = 0; i < keys.length; i++) if (keys[i] >= lowest) indices.push(i);
  return Int32Array.from(indices);
}
