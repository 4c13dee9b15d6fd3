import * as tf from "@tensorflow/tfjs-core";

/** Keeps ‖g‖ + this from being zero, as PyTorch's `clip_grad_norm_` has it. */
const NORM_EPSILON = 1e-6;

/** What {@link clipGradients} returns. */
export interface ClippedGradients {
  /** New tensors, the caller's to free. */
  readonly gradients: Record<string, tf.Tensor>;
  /** Global norm before clipping. */
  readonly norm: number;
}

/**
 * √Σ g² over all gradients together, summed in float64, tensor by tensor in the order of the record.
 * @param gradients by parameter name
 */
export function gradientNorm(gradients: Readonly<Record<string, tf.Tensor>>): number {
  let squares = 0;
  for (const gradient of Object.values(gradients)) {
    const values = gradient.dataSync() as Float32Array;
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
    squares += sum;
  }
  return Math.sqrt(squares);
}

/**
 * Scales all gradients by min(1, maxNorm / (‖g‖ + 1e-6)), ‖g‖ their global norm.
 * @param gradients by parameter name; they stay as they are
 * @throws RangeError if maxNorm is not above 0; Error that names a gradient with a NaN or infinite value
 */
export function clipGradients(
  gradients: Readonly<Record<string, tf.Tensor>>,
  { maxNorm }: { readonly maxNorm: number },
): ClippedGradients {
  if (!(maxNorm > 0)) throw new RangeError(`clipGradients: expected a number above 0 for maxNorm, got ${maxNorm}`);
  const norm = gradientNorm(gradients);
  if (!Number.isFinite(norm)) {
    const name = Object.keys(gradients).find((key) => !Number.isFinite(gradientNorm({ [key]: gradients[key] })));
    throw new Error(`clipGradients: expected finite gradients, got a norm of ${norm}${name ? ` (${name})` : ""}`);
  }
  const factor = Math.min(1, maxNorm / (norm + NORM_EPSILON));
  const clipped: Record<string, tf.Tensor> = {};
  for (const [name, gradient] of Object.entries(gradients)) {
    clipped[name] = factor < 1 ? tf.mul(gradient, factor) : gradient.clone();
  }
  return { gradients: clipped, norm };
}
