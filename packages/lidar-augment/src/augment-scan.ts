import { changeReturns, type ReturnOptions } from "./change-returns.js";
import {
  drawGlobalTransform,
  type GlobalTransform,
  type GlobalTransformRanges,
  transformScan,
} from "./global-transform.js";
import { type SampleDatabase, sampleGroundTruth } from "./ground-truth-sampling.js";
import type { LabelledScan } from "./labelled-scan.js";
import { moveObjects, type ObjectNoiseOptions } from "./object-noise.js";
import { type ObjectScalingOptions, scaleObjects } from "./object-scaling.js";
import { filterRange, type PointRange } from "./range-filter.js";
import { shufflePoints } from "./shuffle-points.js";

/** Which augmentations a scan goes through; those left out are skipped. */
export interface Augmentation {
  readonly sampling?: { readonly database: SampleDatabase; readonly counts: ReadonlyMap<number, number> };
  readonly objectScaling?: Omit<ObjectScalingOptions, "rng">;
  readonly objectNoise?: Omit<ObjectNoiseOptions, "rng">;
  readonly global?: GlobalTransformRanges;
  readonly returns?: Omit<ReturnOptions, "rng">;
  readonly range: PointRange;
}

/**
 * The field's chain: paste objects, stretch them, move them, change the whole scene, change what the
 * sensor returns of it, keep what lies in range, shuffle the points.
 * @param rng uniform in 0..1; the same numbers give the same result, bit for bit
 * @returns the new scan and the change of the whole scene, for an image to follow
 */
export function augmentScan(
  scan: LabelledScan,
  { sampling, objectScaling, objectNoise, global, returns, range }: Augmentation,
  rng: () => number,
): LabelledScan & { readonly transform: GlobalTransform } {
  const sampled = sampling ? sampleGroundTruth(scan, { ...sampling, rng }) : scan;
  const scaled = objectScaling ? scaleObjects(sampled, { ...objectScaling, rng }) : sampled;
  const moved = objectNoise ? moveObjects(scaled, { ...objectNoise, rng }) : scaled;
  const transform = drawGlobalTransform(global ?? {}, rng);
  const placed = transformScan(moved, transform);
  const seen = returns ? changeReturns(placed, { ...returns, rng }) : placed;
  const { points, boxes, labels } = filterRange(seen, range);
  return { points: shufflePoints(points, rng), boxes, labels, transform };
}
