import * as tf from "@tensorflow/tfjs-core";
import { type BackendKernel, backendKernel } from "../backend-kernel.js";
import { firstNotFinite, type NamedArray } from "../named-array.js";

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

/** Running means of a parameter's gradient and of its square. */
interface Moments {
  readonly first: tf.Variable;
  readonly second: tf.Variable;
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
 * One kernel where the backend registers `AdamWStep`, stock operations elsewhere; float32 arithmetic, in which everything stays
 * on the backend. State is three tensors per parameter (weights, both moments) and the step count: writing and reading it back
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
    for (const [name, { shape }] of parameters) {
      this.#moments.set(name, { first: zeros(shape), second: zeros(shape) });
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
    for (const [name, { shape }] of this.#parameters)
      checkShape("AdamW.step", name, { shape, got: gradients[name]?.shape });
    this.#steps++;
    const numbers: StepNumbers = {
      learningRate,
      beta1,
      beta2: this.#betas[1],
      epsilon: this.#epsilon,
      weightDecay: this.#weightDecay,
      step: this.#steps,
      gradientScale,
    };
    const move = backendKernel("AdamWStep") ?? moveByStockOperations;
    for (const [name, parameter] of this.#parameters) {
      const { first, second } = this.#moments.get(name)!;
      const moved = move({ parameter, gradient: gradients[name], first, second }, numbers);
      [parameter, first, second].forEach((variable, i) => {
        variable.assign(moved[i]);
      });
      tf.dispose(moved);
    }
  }

  /** Frees the moments; the parameters stay. */
  dispose(): void {
    for (const moments of this.#moments.values()) tf.dispose({ ...moments });
  }

  /**
   * The state beside the parameters: `step` [1], `<name>.first` and `<name>.second`, copied; fit for `encodeSafetensors`.
   */
  async toArrays(): Promise<Map<string, NamedArray>> {
    const arrays = new Map<string, NamedArray>([[STEP_NAME, { shape: [1], data: Float32Array.of(this.#steps) }]]);
    for (const [name, moment] of this.#namedMoments()) {
      arrays.set(name, { shape: moment.shape, data: (await moment.data<"float32">()).slice() });
    }
    return arrays;
  }

  /**
   * Takes on a state that {@link toArrays} gave.
   * @throws RangeError for a missing, unknown or misshapen array or a number that is not finite, before anything is changed
   */
  restore(arrays: ReadonlyMap<string, NamedArray>): void {
    const moments = this.#namedMoments();
    const expected = new Map([[STEP_NAME, [1]], ...[...moments].map(([name, { shape }]) => [name, shape] as const)]);
    for (const [name, shape] of expected) {
      checkShape("AdamW.restore", name, { shape, got: arrays.get(name)?.shape });
      const { data } = arrays.get(name)!;
      if (!(data instanceof Float32Array)) {
        throw new RangeError(
          `AdamW.restore: expected float32 for ${name}, got ${Object.prototype.toString.call(data)}`,
        );
      }
      const size = shape.reduce((product, n) => product * n, 1);
      if (data.length !== size) {
        throw new RangeError(`AdamW.restore: expected ${size} numbers for ${name}, got ${data.length}`);
      }
      const bad = firstNotFinite(data);
      if (bad >= 0) {
        throw new RangeError(`AdamW.restore: expected finite numbers for ${name}, got ${data[bad]} at ${bad}`);
      }
    }
    for (const name of arrays.keys()) {
      if (!expected.has(name)) throw new RangeError(`AdamW.restore: expected state of the parameters, got ${name}`);
    }
    const steps = arrays.get(STEP_NAME)!.data[0];
    if (!(Number.isInteger(steps) && steps >= 0 && steps <= MAX_STEP)) {
      throw new RangeError(`AdamW.restore: expected 0 to ${MAX_STEP} for ${STEP_NAME}, got ${steps}`);
    }
    for (const [name, moment] of moments) {
      const { shape, data } = arrays.get(name)!;
      tf.tidy(() => moment.assign(tf.tensor(data.slice(), [...shape], "float32")));
    }
    this.#steps = steps;
  }

  /** `<name>.first` and `<name>.second` of each parameter, as checkpoints have them. */
  #namedMoments(): Map<string, tf.Variable> {
    const named = [...this.#moments].flatMap(([name, { first, second }]) => [
      [`${name}.first`, first] as const,
      [`${name}.second`, second] as const,
    ]);
    return new Map(named);
  }
}

function zeros(shape: number[]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.zeros(shape), false));
}

/** What the kernel `AdamWStep` does: the moved parameter and both moments. */
const moveByStockOperations: BackendKernel = ({ parameter, gradient, first, second }, numbers) => {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale } = numbers as StepNumbers;
  return tf.tidy(() => {
    const g = tf.mul(gradient, gradientScale);
    const m = tf.add(tf.mul(first, beta1), tf.mul(g, 1 - beta1));
    const v = tf.add(tf.mul(second, beta2), tf.mul(tf.square(g), 1 - beta2));
    const spread = tf.add(tf.sqrt(tf.div(v, 1 - beta2 ** step)), epsilon);
    const direction = tf.div(tf.div(m, 1 - beta1 ** step), spread);
    // The decay is added to the direction: 1 − lr·decay would lose most of its digits in float32.
    return [tf.sub(parameter, tf.mul(tf.add(direction, tf.mul(parameter, weightDecay)), learningRate)), m, v];
  });
};

/** Attributes of `AdamWStep`. */
interface StepNumbers extends Required<AdamWStep> {
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** 1 for the first */
  readonly step: number;
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
