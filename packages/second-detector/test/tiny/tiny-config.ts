import { builtinConfig, type DetectorConfig } from "../../src/index.js";

/** Every kind of encoder. */
export const encoderKinds = ["sparse", "pillars", "pointnet"] as const;

/**
 * A whole network in milliseconds on any backend, with two to six channels. `sparse`: second-mini on a grid of 41×32×32
 * cells. The others: 8×8 columns of two points at most, so that some are full and some are not.
 */
export function tinyConfig(kind: (typeof encoderKinds)[number] = "sparse"): DetectorConfig {
  const tiny: DetectorConfig = {
    ...builtinConfig("second-mini"),
    name: "tiny",
    pointRange: [0, -4, -2, 8, 4, 2],
    voxelSize: [0.25, 0.25, 0.1],
    encoder: { kind: "sparse", channels: [2, 3, 3, 4, 4] },
    backbone: { layers: [1, 1], strides: [1, 2], channels: [4, 6] },
    neck: { strides: [1, 2], channels: [3, 4] },
  };
  if (kind === "sparse") return tiny;
  return {
    ...tiny,
    name: `tiny-${kind}`,
    voxelSize: [1, 1, 4],
    maxPointsPerVoxel: 2,
    backbone: { ...tiny.backbone, strides: [2, 2] },
    encoder: kind === "pillars" ? { kind, channels: 4 } : { kind, channels: [4, 3, 5] },
  };
}
