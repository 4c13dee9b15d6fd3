import type * as tf from "@tensorflow/tfjs-core";
import { type Rulebook, sparseConvolution, toBev } from "sparse-conv";
import type { SparseLayer, Triple } from "./layers.js";
import { finishUnit, trainable, type UnitContext } from "./unit-context.js";

/** Sites of the encoder's input and what each layer does with them: all that the pass needs beside features. */
export interface EncoderPlan {
  /** One per encoder layer, in order; layers on the same sites share one. */
  readonly rulebooks: readonly Rulebook[];
  readonly batchSize: number;
}

/**
 * The sparse encoder, down to the bird's-eye-view map.
 * @param features [v, c] one row per voxel
 * @returns [b, y, x, c·D + d] zero where no site is
 */
export function runEncoder(
  context: UnitContext,
  layers: readonly SparseLayer[],
  { features, plan }: { readonly features: tf.Tensor2D; readonly plan: EncoderPlan },
): tf.Tensor4D {
  let x = features;
  layers.forEach((layer, i) => {
    const kernel = trainable<tf.Tensor5D>(context, `${layer.name}.weight`);
    x = finishUnit(context, layer.name, sparseConvolution(x, kernel, plan.rulebooks[i]));
  });
  const last = plan.rulebooks[plan.rulebooks.length - 1];
  const shape = last.outputShape as Triple;
  return toBev({ features: x, coords: last.outputCoords, shape, batchSize: plan.batchSize });
}
