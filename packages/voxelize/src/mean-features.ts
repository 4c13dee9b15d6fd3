import type { Voxels } from "./voxelize.js";

/**
 * Mean of each voxel's kept points, channel by channel: the mean VFE of SECOND (`SimpleVoxel` in second.pytorch,
 * `MeanVFE` in OpenPCDet). Summed in float64 in order of arrival, divided in float64, rounded once to float32.
 * @param voxels what `voxelize` returned, or the same fields
 * @returns [v, channels]; a voxel with no points is all zeros
 * @throws RangeError if the arrays disagree on the number of voxels, or a count exceeds maxPointsPerVoxel
 */
export function meanFeatures(
  voxels: Pick<Voxels, "points" | "counts" | "maxPointsPerVoxel" | "channels">,
): Float32Array {
  const { points, counts, maxPointsPerVoxel, channels } = voxels;
  if (points.length !== counts.length * maxPointsPerVoxel * channels) {
    throw new RangeError(
      `meanFeatures: expected [${counts.length}, ${maxPointsPerVoxel}, ${channels}] = ` +
        `${counts.length * maxPointsPerVoxel * channels} numbers for points, got ${points.length}`,
    );
  }
  const means = new Float32Array(counts.length * channels);
  for (let v = 0; v < counts.length; v++) {
    const count = counts[v];
    if (count < 0 || count > maxPointsPerVoxel) {
      throw new RangeError(`meanFeatures: expected counts of 0..${maxPointsPerVoxel}, got ${count} for voxel ${v}`);
    }
    if (count === 0) continue;
    const first = v * maxPointsPerVoxel * channels;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let p = 0; p < count; p++) sum += points[first + p * channels + c];
      means[v * channels + c] = sum / count;
    }
  }
  return means;
}
