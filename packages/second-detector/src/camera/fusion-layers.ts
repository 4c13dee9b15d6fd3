import type { Unit } from "../network/unit.js";
import { convolution } from "../network/unit-kinds.js";
import type { FusionConfig } from "./camera-config.js";
import { type EmbeddingLayers, embeddingLayers, embeddingUnits } from "./channel-embedding.js";

/** 1×1 convolutions of the fusion, each with batch norm and ReLU. */
export interface FusionLayers {
  readonly reduceImage: Unit;
  readonly reduceLidar: Unit;
  readonly dropout: number;
  /** concat: from X = [I; P] to half as many channels */
  readonly mix?: Unit;
  readonly graph?: GraphLayers;
  /** from all that is joined to the channels of P */
  readonly join: Unit;
}

/** What passes messages between the channels of X. */
export interface GraphLayers {
  readonly embedding: EmbeddingLayers;
  readonly layers: readonly Unit[];
  readonly join: "last" | "all";
}

/** @param ends channels of the image's map and of the LiDAR's, which are those of the result too; the norm of every unit */
export function fusionLayers(
  config: FusionConfig,
  { image, lidar, norm }: { readonly image: number; readonly lidar: number; readonly norm: Unit["norm"] },
): FusionLayers {
  const unit = (name: string, from: number, to: number) => convolution(`camera.${name}`, [from, to], { side: 1, norm });
  const { channels, dropout } = config;
  const reduce = {
    reduceImage: unit("reduceImage", image, channels),
    reduceLidar: unit("reduceLidar", lidar, channels),
    dropout,
  };
  const both = 2 * channels;
  if (config.kind === "concat") {
    return { ...reduce, mix: unit("mix", both, channels), join: unit("join", both + channels, lidar) };
  }
  const messages = config.join === "all" ? Math.max(config.layers, 1) : 1;
  return {
    ...reduce,
    graph: {
      embedding: embeddingLayers("camera.embedding", config.embedding),
      layers: Array.from({ length: config.layers }, (_, i) => unit(`graph${i}`, both, both)),
      join: config.join,
    },
    join: unit("join", both * (1 + messages), lidar),
  };
}

/** Every unit of the fusion, in the order of its weights. */
export function fusionUnits({ reduceImage, reduceLidar, mix, graph, join }: FusionLayers): Unit[] {
  const beside = graph ? [...embeddingUnits(graph.embedding), ...graph.layers] : [mix!];
  return [reduceImage, reduceLidar, ...beside, join];
}
