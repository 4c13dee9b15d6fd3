import type * as tf from "@tensorflow/tfjs-core";

/** Keeps ‖g‖ + this from being zero, as PyTorch's `clip_grad_norm_` has it. */
const NORM_EPSILON = 1e-6;

/**
 * √Σ g² over all gradients together, summed in float64, tensor by tensor in the order of the record.
 * @param gradients by parameter name
 */
export function gradientNorm(gradients: Readonly<Record<string, tf.Tensor>>): number {
  let squares = 0;
  for (const gradient of Object.values(gradients)) squares += sumOfSquares(gradient.dataSync() as Float32Array);
  return Math.sqrt(squares);
}

/** Four sums side by side: one alone would wait for each of its additions. */
function sumOfSquares(values: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i] * values[i];
    b += values[i + 1] * values[i + 1];
    c += values[i + 2] * values[i + 2];
    d += values[i + 3] * values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += values[i] * values[i];
  return a + b + (c + d);
}

/** What {@link clipFactor} returns. */
export interface ClipFactor {
  /** Above 0, at most 1: what to multiply every gradient by. */
  readonly factor: number;
  /** Global norm before clipping. */
  readonly norm: number;
}

/**
 * min(1, maxNorm / (‖g‖ + 1e-6)), ‖g‖ the global norm of all gradients: pass it to `AdamW.step` as `gradientScale`.
 * @param gradients by parameter name; they stay as they are
 * @throws RangeError if maxNorm is not above 0; Error that names a gradient with a NaN or infinite value
 */
export function clipFactor(
  gradients: Readonly<Record<string, tf.Tensor>>,
  { maxNorm }: { readonly maxNorm: number },
): ClipFactor {
  if (!(maxNorm > 0)) throw new RangeError(`clipFactor: expected a number above 0 for maxNorm, got ${maxNorm}`);
  const norm = gradientNorm(gradients);
  if (!Number.isFinite(norm)) {
    const name = Object.keys(gradients).find((key) => !Number.isFinite(gradientNorm({ [key]: gradients[key] })));
    throw new Error(`clipFactor: expected finite gradients, got a norm of ${norm}${name ? ` (${name})` : ""}`);
  }
  return { factor: Math.min(1, maxNorm / (norm + NORM_EPSILON)), norm };
}
