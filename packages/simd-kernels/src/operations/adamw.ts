import { checkNumber, checkSize } from "../check-arguments.js";
import { count, type OperationTable, reads, real, writes } from "./operation.js";

/** What an AdamW step moves, flat arrays of one length: where it writes. */
export interface AdamwState {
  readonly parameters: Float32Array;
  /** running mean of the gradient */
  readonly firstMoment: Float32Array;
  /** running mean of its square */
  readonly secondMoment: Float32Array;
}

/** What an AdamW step reads. */
export interface AdamwInputs extends AdamwState {
  readonly gradient: Float32Array;
}

/** Settings of one decoupled AdamW step. */
export interface AdamwOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** 1 for the first step */
  readonly step: number;
  /** the gradient is multiplied by this first, to clip it; default 1 */
  readonly gradientScale?: number;
}

export interface AdamwOperations {
  /**
   * One AdamW step on flat arrays: the decay `p -= lr·weightDecay·p`, then
   * `p -= lr · m̂ / (sqrt(v̂) + epsilon)` with bias-corrected moments (Loshchilov and Hutter 2019, as PyTorch's AdamW).
   * Each output may be the input of the same name; in place or not, the bits are the same.
   */
  adamw(inputs: AdamwInputs, outputs: AdamwState, options: AdamwOptions): void;
}

/** What the options come to for this step, in float64. */
function factorsOf({ learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale = 1 }: AdamwOptions) {
  return {
    keep: 1 - learningRate * weightDecay,
    rate: learningRate / (1 - beta1 ** step),
    ...{ beta1, beta2 },
    correction: 1 / Math.sqrt(1 - beta2 ** step),
    ...{ epsilon, gradientScale },
  };
}

export const adamwOperations: OperationTable<AdamwOperations> = {
  adamw: {
    arrays: {
      ...{ parameters: reads("float32"), gradient: reads("float32") },
      ...{ firstMoment: reads("float32"), secondMoment: reads("float32") },
      "outputs.parameters": writes("float32", "parameters"),
      "outputs.firstMoment": writes("float32", "firstMoment"),
      "outputs.secondMoment": writes("float32", "secondMoment"),
    },
    sizes: {
      ...{ length: count, keep: real, rate: real, beta1: real, beta2: real, correction: real, epsilon: real },
      gradientScale: real,
    },
    arraysOf: ({ parameters, gradient, firstMoment, secondMoment }, outputs) => [
      parameters,
      gradient,
      firstMoment,
      secondMoment,
      outputs.parameters,
      outputs.firstMoment,
      outputs.secondMoment,
    ],
    sizesOf({ parameters }, _outputs, options) {
      const { keep, rate, beta1, beta2, correction, epsilon, gradientScale } = factorsOf(options);
      return [parameters.length, keep, rate, beta1, beta2, correction, epsilon, gradientScale];
    },
    checkSizes(where, _inputs, _outputs, options) {
      const { learningRate, beta1, beta2, epsilon, weightDecay, gradientScale = 1 } = options;
      const settings = { learningRate, beta1, beta2, epsilon, weightDecay, gradientScale };
      for (const [name, value] of Object.entries(settings)) checkNumber(where, name, value);
      checkSize(where, "step", options.step, 1);
    },
    shapesOf({ parameters }) {
      const shape = [parameters.length];
      return [shape, shape, shape, shape, shape, shape, shape];
    },
    plain({ parameters, gradient, firstMoment, secondMoment }, outputs, options) {
      const { keep, rate, beta1, beta2, correction, epsilon, gradientScale } = factorsOf(options);
      const [moved, mean, square] = [outputs.parameters, outputs.firstMoment, outputs.secondMoment];
      for (let i = 0; i < parameters.length; i++) {
        const g = gradientScale * gradient[i];
        mean[i] = beta1 * firstMoment[i] + (1 - beta1) * g;
        square[i] = beta2 * secondMoment[i] + (1 - beta2) * g * g;
        moved[i] = parameters[i] * keep - (rate * mean[i]) / (Math.sqrt(square[i]) * correction + epsilon);
      }
    },
  },
};
