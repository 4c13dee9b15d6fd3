import * as tf from "@tensorflow/tfjs-core";
import type { CameraBatch } from "../camera/collate-cameras.js";
import { runCamera } from "../camera/run-camera.js";
import type { DetectorConfig } from "../config/detector-config.js";
import { checkBatch, type DetectorBatch } from "../detector-batch.js";
import { type DetectorLayers, detectorLayers } from "./detector-layers.js";
import { encodeBatch, type UnitRunner } from "./encode-batch.js";
import { normalisePadded } from "./padded-batch-norm.js";
import { runProducts, runUnit } from "./run-unit.js";
import { type BatchStatistics, type StageHook, showStage, type UnitContext } from "./unit-context.js";
import type { Weights } from "./unit-tensors.js";

/** Options of {@link forwardDetector}. */
export interface ForwardOptions {
  readonly config: DetectorConfig;
  /** True: normalise with the batch's own statistics and return them. Default false: with the running ones. */
  readonly training?: boolean;
  /** Uniform numbers in [0, 1) for dropout; needed to train a configuration that has some. */
  readonly rng?: (() => number) | undefined;
  /** Stands in for the batch's own rows, voxels [v, 4] or points [n, 10]: a tensor by which outputs are to be differentiated. */
  readonly rows?: tf.Tensor2D | undefined;
  /** Sees, and may replace, every named stage. */
  readonly onStage?: StageHook;
}

/** Raw outputs of the head, NHWC; anchor a of cell (y, x) is number (y·width + x)·anchorsPerCell + a. */
export type HeadOutputs = {
  /** [b, y, x, anchors·classes] logits, channel a·classes + class */
  readonly cls: tf.Tensor4D;
  /** [b, y, x, anchors·7] box codes, channel a·7 + code */
  readonly box: tf.Tensor4D;
  /** [b, y, x, anchors·2] direction logits, channel a·2 + bin */
  readonly dir: tf.Tensor4D;
};

/** What the network computes from a batch. Every tensor belongs to the caller. */
export type ForwardResult = {
  /** Post-ReLU outputs of every backbone unit, [b, y, x, c], block by block. */
  readonly taps: tf.Tensor4D[][];
  readonly head: HeadOutputs;
  /** By layer name, in training mode; empty else. */
  readonly batchStatistics: Record<string, BatchStatistics>;
};

/**
 * One pass of a detector: encoder (sparse as in SECOND, Yan, Mao, Li 2018, or on points) → bird's-eye-view map →
 * 2D backbone → neck → anchor head. Differentiable in the trainable weights.
 *
 * Stages, in the order in which `onStage` sees them: `encoder.input`, `encoder.stage<i>.<j>`, `encoder.output`
 * ([sites, c]) or `encoder.points.<i>` ([points, c]); `bev`, `backbone.block<i>.<j>`, `neck.<i>`, `neck`, those of the
 * camera branch (`camera.*`, see `runCamera`), `head.cls`, `head.box`, `head.dir` ([b, y, x, c]).
 *
 * @throws RangeError if a weight is missing or the batch was prepared for another configuration
 */
export function forwardDetector(weights: Weights, batch: DetectorBatch, options: ForwardOptions): ForwardResult {
  const { config } = options;
  const layers = detectorLayers(config);
  checkBatch("forwardDetector", layers.encoder, batch);
  return tf.tidy(() => {
    const context = unitContext(weights, options);
    const bev = encodeBatch(layers.encoder, batch, { ...trainingRunner(context), rows: options.rows }); // [b, y, x, c·D + d]
    return runDense(context, layers, { bev: showStage(context, "bev", bev), config, camera: batch.camera });
  });
}

/**
 * The 2D part alone, from a bird's-eye-view map on: what {@link forwardDetector} does after the encoder. For other
 * encoders, and for tests of the dense layers by themselves.
 * @param bev [b, y, x, c] with the channels that `backbone.block0.0.weight` expects
 * @param options camera: images of the batch, where the configuration has a camera
 */
export function forwardDense(
  weights: Weights,
  bev: tf.Tensor4D,
  { camera, ...options }: Omit<ForwardOptions, "rows"> & { readonly camera?: CameraBatch | undefined },
): ForwardResult {
  const { config } = options;
  return tf.tidy(() => runDense(unitContext(weights, options), detectorLayers(config), { bev, config, camera }));
}

interface DenseInput {
  readonly bev: tf.Tensor4D;
  readonly config: DetectorConfig;
  readonly camera: CameraBatch | undefined;
}

function runDense(context: UnitContext, layers: DetectorLayers, { bev, config, camera }: DenseInput): ForwardResult {
  let x = bev; // [b, y, x, c]
  const taps = layers.backbone.map((block) =>
    block.map((unit) => {
      x = runUnit(context, unit, x); // block i: [b, yᵢ, xᵢ, cᵢ]
      return x;
    }),
  );
  const levels = layers.neck.map((unit, i) => runUnit(context, unit, taps[i][taps[i].length - 1])); // [b, Y, X, nᵢ]
  const lidar = showStage(context, "neck", joinLevels(levels)); // [b, Y, X, Σ nᵢ]
  const map = layers.camera // [b, Y, X, Σ nᵢ]
    ? runCamera(context, { layers: layers.camera, config: config.camera! }, { camera, lidar })
    : lidar;
  const head = {
    cls: runUnit(context, layers.head.cls, map), // [b, Y, X, anchors·classes]
    box: runUnit(context, layers.head.box, map), // [b, Y, X, anchors·7]
    dir: runUnit(context, layers.head.dir, map), // [b, Y, X, anchors·2]
  };
  return { taps, head, batchStatistics: context.batchStatistics };
}

/** @throws RangeError if the maps differ in size */
function joinLevels(maps: tf.Tensor4D[]): tf.Tensor4D {
  const sizes = maps.map((map) => `${map.shape[1]}×${map.shape[2]}`);
  if (new Set(sizes).size > 1) {
    throw new RangeError(
      `forwardDetector: expected maps of one size to join, got ${sizes.join(", ")} (check neck strides)`,
    );
  }
  return tf.concat(maps, 3) as tf.Tensor4D;
}

function trainingRunner(context: UnitContext): UnitRunner {
  return {
    run: (unit, x, rulebook) => runUnit(context, unit, x, rulebook),
    runPadded: (unit, x, total) => normalisePadded(context, unit, { x: runProducts(context, unit, x), total }),
  };
}

function unitContext(weights: Weights, { training = false, rng, onStage }: Omit<ForwardOptions, "rows">): UnitContext {
  return { weights, training, rng, onStage, batchStatistics: {} };
}
