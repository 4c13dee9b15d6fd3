import * as tf from "@tensorflow/tfjs-core";
import type { NamedArray } from "../named-array.js";

/** Numbers of {@link AdamW} that stay the same over a run. */
export interface AdamWOptions {
  readonly betas: readonly [beta1: number, beta2: number];
  readonly weightDecay: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
}

/** Numbers of one step. */
export interface AdamWStep {
  readonly learningRate: number;
  /** Default `betas[0]`. */
  readonly beta1?: number;
  /** What the gradients are multiplied by first, such as the factor of `clipFactor`; default 1. */
  readonly gradientScale?: number;
}

interface Moments {
  readonly shape: readonly number[];
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** Name of the step count in {@link AdamW.toArrays}. */
const STEP_NAME = "step";
/** Whole numbers up to here are exact in float32. */
const MAX_STEP = 2 ** 24;

/**
 * AdamW with decoupled weight decay (Loshchilov, Hutter 2019), as PyTorch has it; decay acts on every parameter:
 *
 *     m ← β₁m + (1 − β₁)g        v ← β₂v + (1 − β₂)g²
 *     w ← w(1 − lr·decay) − lr · (m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε)
 *
 * A backend that registers the kernel `AdamWStep` takes the step in float32 arithmetic; on others it runs in plain loops
 * on the gradients' values, each element's arithmetic in float64, m, v and w rounded to float32 once, as they are stored.
 * State is three float32 arrays per parameter (weights, both moments) and the step count: writing and reading it back
 * continues bit for bit. A β₁ that changes from step to step enters the bias correction as its current value, as in PyTorch.
 */
export class AdamW {
  readonly #betas: readonly [number, number];
  readonly #weightDecay: number;
  readonly #epsilon: number;
  readonly #parameters: ReadonlyMap<string, tf.Variable>;
  readonly #moments = new Map<string, Moments>();
  #steps = 0;

  /**
   * @param parameters by name; moved by {@link step}, never freed
   * @throws RangeError for a number out of range
   */
  constructor(parameters: ReadonlyMap<string, tf.Variable>, { betas, weightDecay, epsilon = 1e-8 }: AdamWOptions) {
    for (const beta of betas) checkBeta(beta);
    if (!(weightDecay >= 0)) throw new RangeError(`AdamW: expected 0 or more for weightDecay, got ${weightDecay}`);
    if (!(epsilon > 0)) throw new RangeError(`AdamW: expected a number above 0 for epsilon, got ${epsilon}`);
    this.#betas = betas;
    this.#weightDecay = weightDecay;
    this.#epsilon = epsilon;
    this.#parameters = parameters;
    for (const [name, { shape, size }] of parameters) {
      this.#moments.set(name, { shape, first: new Float32Array(size), second: new Float32Array(size) });
    }
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Moves every parameter.
   * @param gradients one per parameter, by name; they stay as they are
   * @throws RangeError for a missing gradient or one of another shape, before anything is changed
   */
  step(
    gradients: Readonly<Record<string, tf.Tensor>>,
    { learningRate, beta1 = this.#betas[0], gradientScale = 1 }: AdamWStep,
  ): void {
    checkBeta(beta1);
    if (!(learningRate >= 0 && learningRate < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`AdamW.step: expected 0 or more for learningRate, got ${learningRate}`);
    }
    for (const [name, { shape }] of this.#moments)
      checkShape("AdamW.step", name, { shape, got: gradients[name]?.shape });
    this.#steps++;
    const numbers = {
      learningRate,
      beta1,
      beta2: this.#betas[1],
      epsilon: this.#epsilon,
      weightDecay: this.#weightDecay,
      step: this.#steps,
      gradientScale,
    };
    const move = tf.getKernel("AdamWStep", tf.getBackend()) == null ? movePlainly : moveFused;
    for (const [name, parameter] of this.#parameters) {
      const moved = move(parameter, gradients[name], { ...numbers, ...this.#moments.get(name)! });
      parameter.assign(moved);
      moved.dispose();
    }
  }

  /**
   * The state beside the parameters: `step` [1], `<name>.first` and `<name>.second`, copied; fit for `encodeSafetensors`.
   */
  toArrays(): Map<string, NamedArray> {
    const arrays = new Map<string, NamedArray>([[STEP_NAME, { shape: [1], data: Float32Array.of(this.#steps) }]]);
    for (const [name, { shape, first, second }] of this.#moments) {
      arrays.set(`${name}.first`, { shape, data: first.slice() });
      arrays.set(`${name}.second`, { shape, data: second.slice() });
    }
    return arrays;
  }

  /**
   * Takes on a state that {@link toArrays} gave.
   * @throws RangeError for a missing, unknown or misshapen array, before anything is changed
   */
  restore(arrays: ReadonlyMap<string, NamedArray>): void {
    const expected = this.toArrays();
    for (const [name, { shape }] of expected) {
      checkShape("AdamW.restore", name, { shape, got: arrays.get(name)?.shape });
      const { data } = arrays.get(name)!;
      if (!(data instanceof Float32Array)) {
        throw new RangeError(
          `AdamW.restore: expected float32 for ${name}, got ${Object.prototype.toString.call(data)}`,
        );
      }
    }
    for (const name of arrays.keys()) {
      if (!expected.has(name)) throw new RangeError(`AdamW.restore: expected state of the parameters, got ${name}`);
    }
    const steps = arrays.get(STEP_NAME)!.data[0];
    if (!(Number.isInteger(steps) && steps >= 0 && steps <= MAX_STEP)) {
      throw new RangeError(`AdamW.restore: expected 0 to ${MAX_STEP} for ${STEP_NAME}, got ${steps}`);
    }
    for (const [name, { first, second }] of this.#moments) {
      first.set(arrays.get(`${name}.first`)!.data);
      second.set(arrays.get(`${name}.second`)!.data);
    }
    this.#steps = steps;
  }
}

/** What moves one parameter: the numbers of the step, and the moments, which are moved in place. */
interface Move extends Omit<Moments, "shape"> {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly step: number;
  readonly gradientScale: number;
}

/** The moved parameter, by the backend's own kernel. */
function moveFused(parameter: tf.Tensor, gradient: tf.Tensor, move: Move): tf.Tensor {
  const result = tf.engine().runKernel("AdamWStep", { parameter, gradient }, { ...move } as unknown as tf.NamedAttrMap);
  return Array.isArray(result) ? result[0] : (result as tf.Tensor);
}

/** The moved parameter, by plain loops. */
function movePlainly(parameter: tf.Tensor, gradient: tf.Tensor, move: Move): tf.Tensor {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale, first, second } = move;
  const weights = parameter.dataSync() as Float32Array;
  const slopes = gradient.dataSync() as Float32Array;
  const moved = new Float32Array(weights.length);
  const keep = 1 - learningRate * weightDecay;
  const [firstCorrection, secondCorrection] = [1 - beta1 ** step, 1 - beta2 ** step];
  for (let i = 0; i < moved.length; i++) {
    const g = gradientScale * slopes[i];
    const m = beta1 * first[i] + (1 - beta1) * g;
    const v = beta2 * second[i] + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    const direction = m / firstCorrection / (Math.sqrt(v / secondCorrection) + epsilon);
    moved[i] = weights[i] * keep - learningRate * direction;
  }
  return tf.tensor(moved, parameter.shape, "float32");
}

function checkBeta(beta: number): void {
  if (!(beta >= 0 && beta < 1)) throw new RangeError(`AdamW: expected 0 or more and below 1 for a beta, got ${beta}`);
}

function checkShape(
  caller: string,
  name: string,
  { shape, got }: { readonly shape: readonly number[]; readonly got: readonly number[] | undefined },
): void {
  if (got === undefined || String(got) !== String(shape)) {
    throw new RangeError(`${caller}: expected [${shape}] for ${name}, got ${got === undefined ? "none" : `[${got}]`}`);
  }
}
