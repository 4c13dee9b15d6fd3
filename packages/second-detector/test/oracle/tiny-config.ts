import { builtinConfig, type DetectorConfig } from "../../src/index.js";

/** second-mini on a grid of 41×32×32 cells, with two to six channels: a whole network in milliseconds on any backend. */
export function tinyConfig(): DetectorConfig {
  return {
    ...builtinConfig("second-mini"),
    name: "tiny",
    pointRange: [0, -4, -2, 8, 4, 2],
    voxelSize: [0.25, 0.25, 0.1],
    encoder: { channels: [2, 3, 3, 4, 4] },
    backbone: { layers: [1, 1], strides: [1, 2], channels: [4, 6] },
    neck: { strides: [1, 2], channels: [3, 4] },
  };
}
