import type { DenseLayer } from "../network/layers.js";
import type { FusionConfig } from "./camera-config.js";
import { type EmbeddingLayers, embeddingLayers } from "./channel-embedding.js";

/** 1×1 convolutions of the fusion, each with batch norm and ReLU. */
export interface FusionLayers {
  readonly reduceImage: DenseLayer;
  readonly reduceLidar: DenseLayer;
  readonly dropout: number;
  /** concat: from X = [I; P] to half as many channels */
  readonly mix?: DenseLayer;
  readonly graph?: GraphLayers;
  /** from all that is joined to the channels of P */
  readonly join: DenseLayer;
}

/** What passes messages between the channels of X. */
export interface GraphLayers {
  readonly embedding: EmbeddingLayers;
  readonly layers: readonly DenseLayer[];
  readonly join: "last" | "all";
}

/** @param channels of the image's map and of the LiDAR's, which are those of the result too */
export function fusionLayers(
  config: FusionConfig,
  { image, lidar }: { readonly image: number; readonly lidar: number },
): FusionLayers {
  const layer = (name: string, inChannels: number, outChannels: number): DenseLayer => ({
    name: `camera.${name}`,
    kernel: 1,
    stride: 1,
    inChannels,
    outChannels,
  });
  const { channels, dropout } = config;
  const reduce = {
    reduceImage: layer("reduceImage", image, channels),
    reduceLidar: layer("reduceLidar", lidar, channels),
    dropout,
  };
  const both = 2 * channels;
  if (config.kind === "concat") {
    return { ...reduce, mix: layer("mix", both, channels), join: layer("join", both + channels, lidar) };
  }
  const messages = config.join === "all" ? Math.max(config.layers, 1) : 1;
  return {
    ...reduce,
    graph: {
      embedding: embeddingLayers("camera.embedding", config.embedding),
      layers: Array.from({ length: config.layers }, (_, i) => layer(`graph${i}`, both, both)),
      join: config.join,
    },
    join: layer("join", both * (1 + messages), lidar),
  };
}
