/** A camera branch beside the LiDAR backbone: image → ResNet-18 → FPN → the bird's-eye view → fusion with the neck's map. */
export interface CameraConfig {
  readonly image: ImageConfig;
  readonly resnet: ImageResnetConfig;
  readonly fpn: { readonly channels: number };
  readonly alignment: AlignmentConfig;
  readonly fusion: FusionConfig;
}

/** Longest and shortest side at most, in pixels; an image is resized to the largest size that fits, its ratio kept. */
export type ImageBounds = readonly [longest: number, shortest: number];

/** From decoded pixels to the network's input. */
export interface ImageConfig {
  readonly testSize: ImageBounds;
  /** In training both bounds are drawn anew, whole numbers between those of the first and of the second entry. */
  readonly trainSizes: readonly [smallest: ImageBounds, largest: ImageBounds];
  /** Order of the channels in `mean`, `deviation` and the network's input. */
  readonly order: "rgb" | "bgr";
  /** Taken off each channel, in grey levels of 0..255. */
  readonly mean: readonly [number, number, number];
  /** What each channel is then divided by. */
  readonly deviation: readonly [number, number, number];
  /** Width and height of a batch's images are filled up with zeros, right and below, to multiples of this. */
  readonly multiple: number;
}

/** The image's ResNet-18. Its batch norm is frozen: fixed statistics and an affine part that is not trained. */
export interface ImageResnetConfig {
  /** Channels of the stem and of stage 1; each further stage has twice as many. ResNet-18 has 64. */
  readonly width: number;
  /** Stages, of 1 to 4, that the FPN sees: a finer and a coarser one. */
  readonly outputs: readonly [finer: number, coarser: number];
  /** 0: all filters are trained; n: those of the stem and of stages 1 to n are not. */
  readonly frozenStages: number;
}

/**
 * How image features come to lie on the bird's-eye view.
 *
 * - `resize`: the whole feature map is stretched over the bird's-eye view, as the paper's code does in spirit: cells and
 *   pixels that meet do not show the same place.
 * - `project`: each cell takes the features at the pixel where its centre, at `height` metres in the LiDAR frame, is seen;
 *   zeros where the camera does not see it.
 */
export type AlignmentConfig = { readonly kind: "resize" } | { readonly kind: "project"; readonly height: number };

/** How image map I and LiDAR map P become one, with the channels of P. Each is first brought to `channels`; X = [I; P]. */
export type FusionConfig = ConcatFusionConfig | GraphFusionConfig;

/** SECOND+ResNet: F mixes X, and [X; F] goes to the head. */
export interface ConcatFusionConfig {
  readonly kind: "concat";
  readonly channels: number;
  /** Share of I's and P's numbers that a training pass leaves out. */
  readonly dropout: number;
}

/** The channels of X exchange what they hold along a graph: the correlation of their embeddings. */
export interface GraphFusionConfig {
  readonly kind: "graph";
  readonly channels: number;
  readonly dropout: number;
  /** The ResNet-18 that embeds each channel by itself: its width, and how long the embedding is. */
  readonly embedding: { readonly width: number; readonly dimensions: number };
  /** Graph layers; 0: what the graph carries between channels is used as it is (+Correlation). */
  readonly layers: number;
  /** What goes to the head beside X: the last layer alone, or all of them (+FPN). */
  readonly join: "last" | "all";
}
