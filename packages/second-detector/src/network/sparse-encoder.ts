import type * as tf from "@tensorflow/tfjs-core";
import { type Rulebook, sparseConvolution, toBev } from "sparse-conv";
import type { SparseLayer, Triple } from "./encoder-layers.js";
import { finishUnit, trainable, type UnitContext } from "./unit-context.js";

/** Voxels of a batch and the sites of every layer. */
export interface SparseInput {
  /** [v, c] one row per voxel */
  readonly features: tf.Tensor2D;
  /** One per layer, in order; layers on the same sites share one. */
  readonly rulebooks: readonly Rulebook[];
  readonly batchSize: number;
}

/**
 * The sparse encoder, down to the bird's-eye-view map.
 * @returns [b, y, x, c·D + d] zero where no site is
 */
export function runSparseEncoder(
  context: UnitContext,
  layers: readonly SparseLayer[],
  { features, rulebooks, batchSize }: SparseInput,
): tf.Tensor4D {
  let x = features;
  layers.forEach((layer, i) => {
    const kernel = trainable<tf.Tensor5D>(context, `${layer.name}.weight`);
    x = finishUnit(context, layer.name, sparseConvolution(x, kernel, rulebooks[i]));
  });
  const last = rulebooks[rulebooks.length - 1];
  const shape = last.outputShape as Triple;
  return toBev({ features: x, coords: last.outputCoords, shape, batchSize });
}
