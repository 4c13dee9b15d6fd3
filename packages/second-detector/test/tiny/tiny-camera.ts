import type { FusionConfig } from "../../src/camera/camera-config.js";
import type { CameraConfig, DetectorConfig } from "../../src/index.js";
import { tinyConfig } from "./tiny-config.js";

/** Every fusion of the paper, small; in the order of its table. */
export const tinyFusions = {
  concat: { kind: "concat", channels: 5, dropout: 0 },
  correlation: graphFusion(0, "last"),
  gnn: graphFusion(3, "last"),
  fpn: graphFusion(3, "all"),
} as const satisfies Record<string, FusionConfig>;

function graphFusion(layers: number, join: "last" | "all"): FusionConfig {
  return { kind: "graph", channels: 4, dropout: 0, embedding: { width: 2, dimensions: 10 }, layers, join };
}

/** A configuration with a camera whose networks have two channels and a few more. */
export function tinyCameraConfig(
  fusion: FusionConfig,
  alignment: CameraConfig["alignment"] = { kind: "resize" },
): DetectorConfig & { readonly camera: CameraConfig } {
  return {
    ...tinyConfig(),
    name: "tiny-camera",
    neck: { strides: [1, 2], channels: [3, 3] },
    camera: {
      image: {
        testSize: [80, 48],
        trainSizes: [
          [64, 40],
          [80, 48],
        ],
        order: "bgr",
        mean: [103.53, 116.28, 123.675],
        deviation: [57, 57, 58],
        multiple: 16,
      },
      resnet: { width: 2, outputs: [2, 4], frozenStages: 1 },
      fpn: { channels: 6 },
      alignment,
      fusion,
    },
  };
}
