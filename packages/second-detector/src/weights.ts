import * as tf from "@tensorflow/tfjs-core";
import { cameraTensors } from "./camera/camera-layers.js";
import type { DetectorConfig } from "./config/detector-config.js";
import { type DetectorLayers, detectorLayers } from "./network/layers.js";
import type { BatchStatistics } from "./network/unit-context.js";

/**
 * The state of a detector, by name.
 *
 * Units with a norm: `<layer>.weight`, `<layer>.bn.gamma`, `<layer>.bn.beta`; heads: `head.<part>.weight` and `.bias`.
 * Layouts: sparse [kz, ky, kx, in, out]; on points [in, out]; conv [kh, kw, in, out]; transposed conv [kh, kw, out, in].
 */
export interface Weights {
  /** What the optimiser moves. */
  readonly trainable: ReadonlyMap<string, tf.Variable>;
  /** What stays as it came, without gradient, step or decay: parts of a camera branch's ResNet. */
  readonly frozen: ReadonlyMap<string, tf.Variable>;
  /** Running statistics of batch norm, `<layer>.bn.mean` and `<layer>.bn.var` (unbiased); never in a gradient. */
  readonly running: ReadonlyMap<string, tf.Variable>;
}

/** A tensor outside of tfjs: row-major values and their shape. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Share of anchors that the untrained classifier calls an object, so that background does not swamp the first steps. */
const FOCAL_PRIOR = 0.01;
/** Standard deviation of the head's initial weights, as in MMDetection3D's `Anchor3DHead`. */
const HEAD_DEVIATION = 0.01;

/** Name and shape of every trainable and every frozen tensor and of every running statistic. */
export interface WeightShapes {
  readonly trainable: ReadonlyMap<string, readonly number[]>;
  readonly frozen: ReadonlyMap<string, readonly number[]>;
  readonly running: ReadonlyMap<string, readonly number[]>;
}

/** The names and shapes that a configuration asks for, in the order of the data's flow. */
export function weightShapes(config: DetectorConfig): WeightShapes {
  const layers = detectorLayers(config);
  const trainable = new Map<string, readonly number[]>();
  const frozen = new Map<string, readonly number[]>();
  const running = new Map<string, readonly number[]>();
  for (const { name, shape, channels } of normedUnits(layers)) {
    trainable.set(`${name}.weight`, shape);
    trainable.set(`${name}.bn.gamma`, [channels]);
    trainable.set(`${name}.bn.beta`, [channels]);
    running.set(`${name}.bn.mean`, [channels]);
    running.set(`${name}.bn.var`, [channels]);
  }
  if (layers.camera) {
    const roles = { trainable, frozen, running };
    for (const { name, shape, role } of cameraTensors(layers.camera, config.camera!.resnet.frozenStages)) {
      roles[role].set(name, shape);
    }
  }
  for (const { name, inChannels, outChannels } of Object.values(layers.head)) {
    trainable.set(`${name}.weight`, [1, 1, inChannels, outChannels]);
    trainable.set(`${name}.bias`, [outChannels]);
  }
  return { trainable, frozen, running };
}

/** Every tensor, in the order of `weightsToArrays`. */
export function allShapes({ trainable, frozen, running }: WeightShapes): Map<string, readonly number[]> {
  return new Map([...trainable, ...frozen, ...running]);
}

/**
 * Fresh weights. Convolutions: Kaiming normal, deviation √(2 / fan-in); gamma 1, beta 0; running mean 0, variance 1;
 * heads: normal of deviation 0.01, bias 0 but for `head.cls.bias` = −ln((1 − π)/π) with π = 0.01 (focal loss, Lin et al.
 * 2017, section 4.1).
 * @param rng   uniform numbers in [0, 1); the same sequence gives the same weights
 * @param given values to take in place of fresh ones, by name, such as an image network's
 * @throws RangeError if a name given is none of the configuration's or a shape differs
 */
export function createWeights(
  config: DetectorConfig,
  rng: () => number,
  given: ReadonlyMap<string, NamedArray> = new Map(),
): Weights {
  const shapes = weightShapes(config);
  const arrays = new Map<string, NamedArray>();
  for (const [name, shape] of allShapes(shapes)) {
    arrays.set(name, { shape, data: initialValues(name, shape, rng) });
  }
  for (const [name, array] of given) arrays.set(name, array);
  return weightsFromArrays(config, arrays);
}

/**
 * Weights with the values of `arrays`.
 * @throws RangeError that lists every missing name, every name too many and every tensor of another shape
 */
export function weightsFromArrays(config: DetectorConfig, arrays: ReadonlyMap<string, NamedArray>): Weights {
  const shapes = weightShapes(config);
  checkArrays("weightsFromArrays", allShapes(shapes), arrays);
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

function normedUnits({ encoder, backbone, neck }: DetectorLayers) {
  return [
    ...encoder.layers.map((layer) => ({
      name: layer.name,
      shape: [...("kernel" in layer ? layer.kernel : []), layer.inChannels, layer.outChannels],
      channels: layer.outChannels,
    })),
    ...backbone.flat().map(({ name, kernel, inChannels, outChannels }) => ({
      name,
      shape: [kernel, kernel, inChannels, outChannels],
      channels: outChannels,
    })),
    ...neck.map(({ name, kernel, inChannels, outChannels }) => ({
      name,
      shape: [kernel, kernel, outChannels, inChannels],
      channels: outChannels,
    })),
  ];
}

function initialValues(name: string, shape: readonly number[], rng: () => number): Float32Array {
  const data = new Float32Array(sizeOf(shape));
  if (name === "head.cls.bias") return data.fill(-Math.log((1 - FOCAL_PRIOR) / FOCAL_PRIOR));
  if (name.endsWith(".bn.gamma") || name.endsWith(".bn.var")) return data.fill(1);
  if (!name.endsWith(".weight")) return data;
  const deviation = name.startsWith("head.") ? HEAD_DEVIATION : Math.sqrt(2 / fanIn(name, shape));
  for (let i = 0; i < data.length; i += 2) {
    // Box–Muller: two uniform numbers make two normal ones; 1 − rng() keeps the logarithm finite.
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - rng()));
    const angle = 2 * Math.PI * rng();
    data[i] = radius * Math.cos(angle);
    if (i + 1 < data.length) data[i + 1] = radius * Math.sin(angle);
  }
  return data;
}

/** Inputs that one output sums over. With kernel = stride each output of the neck's transposed convolution sees one cell. */
function fanIn(name: string, shape: readonly number[]): number {
  if (name.startsWith("neck.")) return shape[shape.length - 1];
  return sizeOf(shape.slice(0, -1));
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, n) => size * n, 1);
}

/** @throws RangeError that lists every missing name, every name too many and every array of another shape */
export function checkArrays(
  caller: string,
  expected: ReadonlyMap<string, readonly number[]>,
  arrays: ReadonlyMap<string, NamedArray>,
): void {
  const faults: string[] = [];
  const missing = [...expected.keys()].filter((name) => !arrays.has(name));
  const extra = [...arrays.keys()].filter((name) => !expected.has(name));
  if (missing.length > 0) faults.push(`missing ${missing.join(", ")}`);
  if (extra.length > 0) faults.push(`unknown ${extra.join(", ")}`);
  for (const [name, shape] of expected) {
    const array = arrays.get(name);
    if (array === undefined) continue;
    if (array.shape.join() !== shape.join()) {
      faults.push(`expected shape [${shape.join(", ")}] for ${name}, got [${array.shape.join(", ")}]`);
    } else if (array.data.length !== sizeOf(shape)) {
      faults.push(`expected ${sizeOf(shape)} numbers for ${name}, got ${array.data.length}`);
    }
  }
  if (faults.length > 0) throw new RangeError(`${caller}: weights do not fit the configuration: ${faults.join("; ")}`);
}
