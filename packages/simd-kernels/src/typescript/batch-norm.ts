import type {
  BatchNormGradientInputs,
  BatchNormGradients,
  BatchNormInputs,
  BatchNormOptions,
  BatchNormOutputs,
  ScaleShiftInputs,
  ScaleShiftOptions,
} from "../operation-options.js";

/**
 * Plain twin of `batchNormReluForward`. One pass over x for the statistics: sums of `d = x - x[first row]` and of d² in
 * float64, so a large common offset does not cancel and a constant channel has variance exactly 0.
 */
export function batchNormReluForward(
  { x, gamma, beta }: BatchNormInputs,
  { out, mean, variance }: BatchNormOutputs,
  { rows, channels, epsilon, relu }: BatchNormOptions,
): void {
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
}

/** Float32, as it is in every layer: forward and backward must agree on where the ReLU is off. */
function scaleOf(gamma: Float32Array, variance: Float32Array, epsilon: number): Float32Array {
  return gamma.map((factor, c) => factor / Math.sqrt(variance[c] + epsilon));
}

/**
 * Plain twin of `batchNormReluBackward`. With g = outGradient (0 where the ReLU was off), n = rows, s = 1/sqrt(v+ε) and
 * x̂ = (x - mean)·s: betaGradient = Σg, gammaGradient = Σ g·x̂, inputGradient = gamma·s·(g - Σg/n - x̂·Σ(g·x̂)/n).
 */
export function batchNormReluBackward(
  { x, outGradient, gamma, beta, mean, variance }: BatchNormGradientInputs,
  { inputGradient, gammaGradient, betaGradient }: BatchNormGradients,
  { rows, channels, epsilon, relu }: BatchNormOptions,
): void {
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
}

/** Plain twin of `scaleShiftRelu`. */
export function scaleShiftRelu(
  { x, scale, shift }: ScaleShiftInputs,
  out: Float32Array,
  { rows, channels, relu }: ScaleShiftOptions,
): void {
  for (let i = 0; i < rows; i++) {
    const base = i * channels;
    for (let c = 0; c < channels; c++) {
      const y = x[base + c] * scale[c] + shift[c];
      out[base + c] = relu && y < 0 ? 0 : y;
    }
  }
}
