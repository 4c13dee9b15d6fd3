import { flag, index, type OperationTable, reads, real, writes } from "./operation.js";

/** What `batchNormReluForward` reads. */
export interface BatchNormInputs {
  /** [rows, channels] */
  readonly x: Float32Array;
  /** [channels] factor and addend of the normalised values */
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
}

/** Where `batchNormReluForward` writes. */
export interface BatchNormOutputs {
  /** [rows, channels] */
  readonly out: Float32Array;
  /** [channels] mean and biased variance of the batch */
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** What `batchNormReluBackward` reads; `mean` and `variance` [channels] as the forward direction left them. */
export interface BatchNormGradientInputs extends BatchNormInputs {
  /** [rows, channels] */
  readonly outGradient: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** Where `batchNormReluBackward` writes. */
export interface BatchNormGradients {
  /** [rows, channels] may be the array `outGradient` */
  readonly inputGradient: Float32Array;
  /** [channels] */
  readonly gammaGradient: Float32Array;
  readonly betaGradient: Float32Array;
}

/** Sizes and form of a batch normalisation over the rows of [rows, channels]. */
export interface BatchNormOptions {
  readonly rows: number;
  readonly channels: number;
  /** added to the variance under the square root */
  readonly epsilon: number;
  /** replace negative results by 0 */
  readonly relu: boolean;
}

/** What `scaleShiftRelu` reads. */
export interface ScaleShiftInputs {
  /** [rows, channels] */
  readonly x: Float32Array;
  /** [channels] */
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

/** Sizes and form of `x·scale + shift` per channel. */
export interface ScaleShiftOptions {
  readonly rows: number;
  readonly channels: number;
  readonly relu: boolean;
}

export interface BatchNormOperations {
  /**
   * Training batch normalisation, `out = (x - mean) / sqrt(variance + epsilon) · gamma + beta`, then ReLU if asked.
   * Writes the batch's `mean` and biased `variance` [channels], summed in float64. No rows: both are 0.
   */
  batchNormReluForward(inputs: BatchNormInputs, outputs: BatchNormOutputs, options: BatchNormOptions): void;

  /**
   * Gradients of {@link batchNormReluForward} through the batch statistics, which are its `mean` and `variance`. Where the
   * ReLU was off is computed again from x. `inputGradient` may be the same array as `outGradient`.
   */
  batchNormReluBackward(inputs: BatchNormGradientInputs, outputs: BatchNormGradients, options: BatchNormOptions): void;

  /** `out = x·scale + shift` per channel, then ReLU if asked; `out` may be `x`. */
  scaleShiftRelu(inputs: ScaleShiftInputs, out: Float32Array, options: ScaleShiftOptions): void;
}

const sizes = { rows: index(), channels: index(), epsilon: real, relu: flag };
const sizesOf = (_inputs: unknown, _outputs: unknown, { rows, channels, epsilon, relu }: BatchNormOptions) => [
  rows,
  channels,
  epsilon,
  relu,
];

export const batchNormOperations: OperationTable<BatchNormOperations> = {
  batchNormReluForward: {
    arrays: {
      ...{ x: reads("float32"), gamma: reads("float32"), beta: reads("float32") },
      ...{ out: writes("float32"), mean: writes("float32"), variance: writes("float32") },
    },
    sizes,
    arraysOf: ({ x, gamma, beta }, { out, mean, variance }) => [x, gamma, beta, out, mean, variance],
    sizesOf,
    shapesOf(_inputs, _outputs, { rows, channels }) {
      const [matrix, row] = [[rows, channels], [channels]];
      return [matrix, row, row, matrix, row, row];
    },
    /**
     * One pass over x for the statistics: sums of `d = x - x[first row]` and of d² in float64, so a large common offset does
     * not cancel and a constant channel has variance exactly 0.
     */
    plain({ x, gamma, beta }, { out, mean, variance }, { rows, channels, epsilon, relu }) {
      mean.fill(0);
      variance.fill(0);
      if (rows === 0) return;
      const sum = new Float64Array(channels);
      const squares = new Float64Array(channels);
      for (let i = 0; i < rows; i++) {
        const base = i * channels;
        for (let c = 0; c < channels; c++) {
          const d = x[base + c] - x[c];
          sum[c] += d;
          squares[c] += d * d;
        }
      }
      for (let c = 0; c < channels; c++) {
        const offset = sum[c] / rows;
        mean[c] = x[c] + offset;
        const v = squares[c] / rows - offset * offset;
        variance[c] = Math.max(v, 0); // rounding may leave -0.0…; NaN stays
      }
      const scale = scaleOf(gamma, variance, epsilon);
      // (x - mean)·scale + beta, not x·scale + (beta - mean·scale): the second cancels when |mean| ≫ sqrt(variance)
      for (let i = 0; i < rows; i++) {
        const base = i * channels;
        for (let c = 0; c < channels; c++) {
          const y = (x[base + c] - mean[c]) * scale[c] + beta[c];
          out[base + c] = relu && y < 0 ? 0 : y;
        }
      }
    },
  },

  batchNormReluBackward: {
    arrays: {
      ...{ x: reads("float32"), outGradient: reads("float32"), gamma: reads("float32"), beta: reads("float32") },
      ...{ mean: reads("float32"), variance: reads("float32"), inputGradient: writes("float32", "outGradient") },
      ...{ gammaGradient: writes("float32"), betaGradient: writes("float32") },
    },
    sizes,
    arraysOf: ({ x, outGradient, gamma, beta, mean, variance }, { inputGradient, gammaGradient, betaGradient }) => [
      x,
      outGradient,
      gamma,
      beta,
      mean,
      variance,
      inputGradient,
      gammaGradient,
      betaGradient,
    ],
    sizesOf,
    shapesOf(_inputs, _outputs, { rows, channels }) {
      const [matrix, row] = [[rows, channels], [channels]];
      return [matrix, matrix, row, row, row, row, matrix, row, row];
    },
    /**
     * With g = outGradient (0 where the ReLU was off), n = rows, s = 1/sqrt(v+ε) and x̂ = (x - mean)·s: betaGradient = Σg,
     * gammaGradient = Σ g·x̂, inputGradient = gamma·s·(g - Σg/n - x̂·Σ(g·x̂)/n).
     */
    plain(inputs, { inputGradient, gammaGradient, betaGradient }, { rows, channels, epsilon, relu }) {
      const { x, outGradient, gamma, beta, mean, variance } = inputs;
      const sum = new Float64Array(channels);
      const product = new Float64Array(channels); // Σ g·(x - mean)
      const forwardScale = scaleOf(gamma, variance, epsilon);
      const isOn = (centred: number, c: number) => !relu || centred * forwardScale[c] + beta[c] > 0;
      for (let i = 0; i < rows; i++) {
        const base = i * channels;
        for (let c = 0; c < channels; c++) {
          const centred = x[base + c] - mean[c];
          if (!isOn(centred, c)) continue;
          const g = outGradient[base + c];
          sum[c] += g;
          product[c] += g * centred;
        }
      }
      const slope = new Float64Array(channels);
      const scale = new Float64Array(channels);
      for (let c = 0; c < channels; c++) {
        const s = 1 / Math.sqrt(variance[c] + epsilon);
        betaGradient[c] = sum[c];
        gammaGradient[c] = product[c] * s;
        scale[c] = gamma[c] * s;
        slope[c] = (product[c] * s * s) / rows;
        sum[c] /= rows;
      }
      for (let i = 0; i < rows; i++) {
        const base = i * channels;
        for (let c = 0; c < channels; c++) {
          const centred = x[base + c] - mean[c];
          const g = isOn(centred, c) ? outGradient[base + c] : 0;
          inputGradient[base + c] = scale[c] * (g - sum[c] - centred * slope[c]);
        }
      }
    },
  },

  scaleShiftRelu: {
    arrays: {
      ...{ x: reads("float32"), scale: reads("float32"), shift: reads("float32"), out: writes("float32", "x") },
    },
    sizes: { rows: index(), channels: index(), relu: flag },
    arraysOf: ({ x, scale, shift }, out) => [x, scale, shift, out],
    sizesOf: (_inputs, _out, { rows, channels, relu }) => [rows, channels, relu],
    shapesOf: (_inputs, _out, { rows, channels }) => [[rows, channels], [channels], [channels], [rows, channels]],
    plain({ x, scale, shift }, out, { rows, channels, relu }) {
      for (let i = 0; i < rows; i++) {
        const base = i * channels;
        for (let c = 0; c < channels; c++) {
          const y = x[base + c] * scale[c] + shift[c];
          out[base + c] = relu && y < 0 ? 0 : y;
        }
      }
    },
  },
};

/** Float32, as it is in every layer: forward and backward must agree on where the ReLU is off. */
function scaleOf(gamma: Float32Array, variance: Float32Array, epsilon: number): Float32Array {
  return gamma.map((factor, c) => factor / Math.sqrt(variance[c] + epsilon));
}
