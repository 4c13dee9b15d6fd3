import * as tf from "@tensorflow/tfjs-core";
import { type DetectorBatch, slotsOf } from "../detector-batch.js";
import type { EncoderLayers } from "./encoder-layers.js";
import { runPillars, runPointNet } from "./point-encoder.js";
import { runSparseEncoder } from "./sparse-encoder.js";
import type { UnitContext } from "./unit-context.js";

/** The encoder of any kind. @returns [b, y, x, c] the bird's-eye-view map, zero where nothing is */
export function runEncoder(context: UnitContext, encoder: EncoderLayers, batch: DetectorBatch): tf.Tensor4D {
  const { counts, rulebooks, batchSize } = batch;
  const channels = encoder.layers[0].inChannels;
  const features = tf.tensor2d(batch.features, [batch.features.length / channels, channels]);
  if (encoder.kind === "sparse") {
    return runSparseEncoder(context, encoder.layers, { features, rulebooks, batchSize });
  }
  const [rulebook] = rulebooks;
  const input = { features, counts, slots: slotsOf(rulebook), rulebook };
  return encoder.kind === "pillars"
    ? runPillars(context, encoder.layers[0], input)
    : runPointNet(context, encoder.layers, input);
}
