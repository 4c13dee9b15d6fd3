import * as tf from "@tensorflow/tfjs-core";
import type { Rulebook } from "sparse-conv";
import { batchNormRelu, inferBatchNormRelu } from "./batch-norm-relu.js";
import type { Unit } from "./unit.js";
import { showStage, type UnitContext, weightNamed } from "./unit-context.js";

/**
 * A unit's pass: products, bias or norm, ReLU, then the hook.
 * @param x        [..., in]
 * @param rulebook of a sparse unit
 * @returns        [..., out] of the rank of `x`
 * @throws RangeError if the weights lack a tensor of the unit
 */
export function runUnit<T extends tf.Tensor>(context: UnitContext, unit: Unit, x: T, rulebook?: Rulebook): T {
  let y = runProducts(context, unit, x, rulebook);
  if (unit.bias) y = tf.add(y, weightNamed(context, `${unit.name}.bias`));
  if (unit.norm) y = normalise(context, unit, y);
  else if (unit.relu) y = tf.relu(y);
  return showStage(context, unit.name, y);
}

/** The first step of {@link runUnit} alone. */
export function runProducts<T extends tf.Tensor>(context: UnitContext, unit: Unit, x: T, rulebook?: Rulebook): T {
  return unit.kind.products(x, weightNamed(context, `${unit.name}.weight`), { unit, rulebook }) as T;
}

/** Whether a unit's norm takes the statistics of the batch in this pass. */
export function usesBatchStatistics({ training }: UnitContext, unit: Unit): boolean {
  return training && unit.trainable === "all";
}

/** The tensors of a unit's norm: affine parameters and running statistics, each [channels]. */
export function normTensors(context: UnitContext, { name }: Unit) {
  const tensor = (part: string) => weightNamed<tf.Tensor1D>(context, `${name}.bn.${part}`);
  return { gamma: tensor("gamma"), beta: tensor("beta"), mean: tensor("mean"), variance: tensor("var") };
}

function normalise<T extends tf.Tensor>(context: UnitContext, unit: Unit, x: T): T {
  const norm = normTensors(context, unit);
  const options = { epsilon: unit.norm!.epsilon, relu: unit.relu };
  if (!usesBatchStatistics(context, unit)) return inferBatchNormRelu(x, norm, options);
  const { y, mean, variance } = batchNormRelu(x, norm, options);
  context.batchStatistics[unit.name] = { mean, variance, rows: x.size / unit.outChannels };
  return y;
}
