import * as tf from "@tensorflow/tfjs-core";
import type { CameraBatch } from "../camera/collate-cameras.js";
import { runCamera } from "../camera/run-camera.js";
import type { DetectorConfig } from "../config/detector-config.js";
import { checkRulebooks, type DetectorBatch } from "../detector-batch.js";
import type { Weights } from "../weights.js";
import { type HeadOutputs, runHead } from "./anchor-head.js";
import { runBackbone } from "./backbone.js";
import { runEncoder } from "./encoder.js";
import { type DetectorLayers, detectorLayers } from "./layers.js";
import { runNeck } from "./neck.js";
import { type BatchStatistics, type StageHook, showStage, type UnitContext } from "./unit-context.js";

/** Options of {@link forwardDetector}. */
export interface ForwardOptions {
  readonly config: DetectorConfig;
  /** True: normalise with the batch's own statistics and return them. Default false: with the running ones. */
  readonly training?: boolean;
  /** Uniform numbers in [0, 1) for dropout; needed to train a configuration that has some. */
  readonly rng?: (() => number) | undefined;
  /** Sees, and may replace, every named stage. */
  readonly onStage?: StageHook;
}

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
  const layers = detectorLayers(options.config);
  checkRulebooks("forwardDetector", layers.encoder, batch);
  return tf.tidy(() => {
    const context = unitContext(weights, options);
    const bev = showStage(context, "bev", runEncoder(context, layers.encoder, batch));
    return runDense(context, layers, { bev, config: options.config, camera: batch.camera });
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
  { camera, ...options }: ForwardOptions & { readonly camera?: CameraBatch | undefined },
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
  const taps = runBackbone(context, layers.backbone, bev);
  const lidar = runNeck(
    context,
    layers.neck,
    taps.map((block) => block[block.length - 1]),
  );
  const map = layers.camera
    ? runCamera(context, { layers: layers.camera, config: config.camera! }, { camera, lidar })
    : lidar;
  return { taps, head: runHead(context, layers.head, map), batchStatistics: context.batchStatistics };
}

function unitContext(weights: Weights, { config, training = false, rng, onStage }: ForwardOptions): UnitContext {
  return { weights, training, epsilon: config.batchNorm.epsilon, rng, onStage, batchStatistics: {} };
}
