import * as tf from "@tensorflow/tfjs-core";
import type { DetectorConfig } from "./config/detector-config.js";
import { checkArrays, type NamedArray } from "./named-array.js";
import { detectorLayers, detectorUnits } from "./network/detector-layers.js";
import type { BatchStatistics } from "./network/unit-context.js";
import { firstValues, type UnitTensor, unitTensors, type Weights } from "./network/unit-tensors.js";

/** Name and shape of every tensor of {@link Weights}. */
export type WeightShapes = { readonly [role in keyof Weights]: ReadonlyMap<string, readonly number[]> };

/** The names and shapes that a configuration asks for, in the order of the data's flow. */
export function weightShapes(config: DetectorConfig): WeightShapes {
  const tensors = weightTensors(config);
  const shapesOf = (wanted: keyof Weights) =>
    new Map(tensors.filter(({ role }) => role === wanted).map(({ name, shape }) => [name, shape]));
  return { trainable: shapesOf("trainable"), frozen: shapesOf("frozen"), running: shapesOf("running") };
}

/** Every tensor of a configuration: trainable ones, then frozen ones, then running statistics, as units follow each other. */
function weightTensors(config: DetectorConfig): UnitTensor[] {
  const tensors = detectorUnits(detectorLayers(config)).flatMap(unitTensors);
  return (["trainable", "frozen", "running"] as const).flatMap((wanted) =>
    tensors.filter(({ role }) => role === wanted),
  );
}

/**
 * Throws unless `arrays` are exactly the tensors of a configuration.
 * @throws RangeError that lists every missing name, every name too many and every tensor of another shape
 */
export function checkWeightArrays(
  caller: string,
  config: DetectorConfig,
  arrays: ReadonlyMap<string, NamedArray>,
): void {
  checkArrays(caller, new Map(weightTensors(config).map(({ name, shape }) => [name, shape])), arrays);
}

/**
 * Fresh weights. Convolutions: Kaiming normal, deviation √(2 / fan-in); gamma 1, beta 0; running mean 0, variance 1;
 * heads: normal of deviation 0.01, bias 0 but for `head.cls.bias` = −ln((1 − π)/π) with π = 0.01.
 * @param rng   uniform numbers in [0, 1); the same sequence gives the same weights
 * @param given values to take in place of fresh ones, by name, such as an image network's
 * @throws RangeError if a name given is none of the configuration's or a shape differs
 */
export function createWeights(
  config: DetectorConfig,
  rng: () => number,
  given: ReadonlyMap<string, NamedArray> = new Map(),
): Weights {
  const fresh = weightTensors(config).map(
    (tensor) => [tensor.name, { shape: tensor.shape, data: firstValues(tensor, rng) }] as const,
  );
  return weightsFromArrays(config, new Map([...fresh, ...given]));
}

/**
 * Weights with the values of `arrays`.
 * @throws RangeError that lists every missing name, every name too many and every tensor of another shape
 */
export function weightsFromArrays(config: DetectorConfig, arrays: ReadonlyMap<string, NamedArray>): Weights {
  checkWeightArrays("weightsFromArrays", config, arrays);
  const shapes = weightShapes(config);
  const variables = (wanted: ReadonlyMap<string, readonly number[]>, isTrainable: boolean) =>
    new Map(
      [...wanted].map(([name, shape]) => {
        const initial = tf.tensor(arrays.get(name)!.data, [...shape], "float32");
        const variable = tf.variable(initial, isTrainable);
        initial.dispose();
        return [name, variable] as const;
      }),
    );
  return {
    trainable: variables(shapes.trainable, true),
    frozen: variables(shapes.frozen, false),
    running: variables(shapes.running, false),
  };
}

/**
 * Puts the values of `arrays` into existing weights.
 * @throws RangeError as {@link weightsFromArrays}, before anything is changed
 */
export function assignWeights(weights: Weights, arrays: ReadonlyMap<string, NamedArray>): void {
  const variables = new Map(allVariables(weights));
  const shapes = new Map([...variables].map(([name, variable]) => [name, variable.shape] as const));
  checkArrays("assignWeights", shapes, arrays);
  tf.tidy(() => {
    for (const [name, variable] of variables) variable.assign(tf.tensor(arrays.get(name)!.data, variable.shape));
  });
}

/** The values of all weights, trainable ones first; the inverse of {@link weightsFromArrays}. */
export async function weightsToArrays(weights: Weights): Promise<Map<string, NamedArray>> {
  const arrays = new Map<string, NamedArray>();
  for (const [name, variable] of allVariables(weights)) {
    // Copied: a CPU backend hands out its own buffer, which the next step may change.
    arrays.set(name, { shape: variable.shape, data: Float32Array.from((await variable.data()) as Float32Array) });
  }
  return arrays;
}

/** Frees every variable. */
export function disposeWeights(weights: Weights): void {
  for (const [, variable] of allVariables(weights)) variable.dispose();
}

function allVariables({ trainable, frozen, running }: Weights): [string, tf.Variable][] {
  return [...trainable, ...frozen, ...running];
}

/**
 * Moves the running statistics a step towards those of a batch:
 * running ← (1 − momentum)·running + momentum·batch, with the **unbiased** batch variance, n/(n − 1) times the biased one.
 * A layer that saw no row keeps its statistics; one that saw a single row uses variance zero as it is.
 * @param statistics by layer name, as the forward pass returned them; they are not freed
 * @throws RangeError if a layer has no running statistics
 */
export function updateRunningStatistics(
  weights: Weights,
  statistics: Readonly<Record<string, BatchStatistics>>,
  { momentum }: { readonly momentum: number },
): void {
  tf.tidy(() => {
    for (const [layer, { mean, variance, rows }] of Object.entries(statistics)) {
      if (rows === 0) continue;
      const unbiased = rows / Math.max(rows - 1, 1);
      moveTowards(weights, `${layer}.bn.mean`, mean, momentum);
      moveTowards(weights, `${layer}.bn.var`, tf.mul(variance, unbiased), momentum);
    }
  });
}

function moveTowards(weights: Weights, name: string, target: tf.Tensor, momentum: number): void {
  const variable = weights.running.get(name);
  if (variable === undefined) throw new RangeError(`updateRunningStatistics: expected a layer with ${name}, got none`);
  variable.assign(tf.add(tf.mul(variable, 1 - momentum), tf.mul(target, momentum)));
}
