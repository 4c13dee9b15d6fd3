import * as tf from "@tensorflow/tfjs-core";
import { backendKernel } from "../backend-kernel.js";

/** What training-mode normalisation returns. `mean` and `variance` carry no gradient. */
export type BatchNormReluResult<T extends tf.Tensor> = {
  /** Normalised (and rectified) features, the shape of `x`. */
  readonly y: T;
  /** [channels] mean over every row of `x`; zero when `x` has no rows. */
  readonly mean: tf.Tensor1D;
  /** [channels] **biased** variance over every row of `x`; zero when `x` has no rows. */
  readonly variance: tf.Tensor1D;
};

/** Options of {@link batchNormRelu}. */
export interface BatchNormReluOptions {
  /** Added to the variance before the root. */
  readonly epsilon: number;
  /** Rectify the result; default true. */
  readonly relu?: boolean;
}

/**
 * Batch normalisation over all but the last axis, with the batch's own statistics, then ReLU: one differentiable op.
 *
 * y = relu(gamma · (x − mean) / √(variance + epsilon) + beta), variance biased (divided by the number of rows n) and
 * taken in a second pass over x − mean, so that features with a large common offset keep their digits.
 * The gradient flows into x (through mean and variance too), gamma and beta. It needs only x and the sign of y, which a kernel
 * computes again from x:
 *
 *     g = dy · [y > 0],  x̂ = (x − mean) / √(variance + epsilon)
 *     dbeta = Σ g,  dgamma = Σ g·x̂,  dx = gamma / √(variance + epsilon) · (g − dbeta/n − x̂·dgamma/n)
 *
 * With no rows at all (an empty sparse tensor) y is empty, the statistics and all gradients are zero, never NaN.
 * On a backend that registers the kernels `BatchNormReluTraining` and `BatchNormReluTrainingGrad` those are used.
 *
 * @param x      [..., channels] of any rank ≥ 2
 * @param affine gamma [channels], beta [channels]
 * @throws RangeError if gamma or beta do not have one entry per channel
 */
export function batchNormRelu<T extends tf.Tensor>(
  x: T,
  affine: { readonly gamma: tf.Tensor1D; readonly beta: tf.Tensor1D },
  { epsilon, relu = true }: BatchNormReluOptions,
): BatchNormReluResult<T> {
  checkChannels("batchNormRelu", x, { gamma: affine.gamma, beta: affine.beta });
  const attributes = { epsilon, relu };
  const [forward, backward] = ["BatchNormReluTraining", "BatchNormReluTrainingGrad"].map(backendKernel);
  const fused = x.size > 0 && forward && backward && { forward, backward };
  return tf.tidy(() => {
    // A custom gradient returns one tensor, and what it makes beside that is freed when it returns unless it is kept.
    let statistics: readonly [tf.Tensor1D, tf.Tensor1D] | undefined;
    const op = tf.customGrad((...args) => {
      const [input, gamma, beta] = args as unknown as [T, tf.Tensor1D, tf.Tensor1D];
      const save = args[3] as unknown as tf.GradSaveFunc;
      const [value, mean, variance] = fused
        ? (fused.forward({ x: input, gamma, beta }, attributes) as [T, tf.Tensor1D, tf.Tensor1D])
        : normaliseByBatch(input, gamma, beta, attributes);
      statistics = [tf.keep(mean), tf.keep(variance)];
      save([input, fused ? beta : value, gamma, mean, variance]); // beta or y tells where the ReLU was off
      const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedX, betaOrY, savedGamma, savedMean, savedVariance] = saved;
        const inputs = { x: savedX, dy, gamma: savedGamma, mean: savedMean, variance: savedVariance };
        return fused
          ? fused.backward({ ...inputs, beta: betaOrY }, attributes)
          : normaliseByBatchGradient({ ...inputs, y: betaOrY }, attributes);
      };
      return { value, gradFunc };
    });
    const y = op(x, affine.gamma, affine.beta) as T;
    const [mean, variance] = statistics!;
    // Clones belong to the caller's scope like any other result.
    const result = { y, mean: tf.clone(mean), variance: tf.clone(variance) };
    mean.dispose();
    variance.dispose();
    return result;
  });
}

/** Affine parameters and running statistics, each [channels]. */
export interface InferenceNorm {
  readonly gamma: tf.Tensor1D;
  readonly beta: tf.Tensor1D;
  readonly mean: tf.Tensor1D;
  /** Variance to divide by as it is (training stores the unbiased one). */
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalisation with given statistics, then ReLU: relu(x·scale + shift) with scale = gamma / √(variance + epsilon)
 * and shift = beta − mean·scale. Differentiable in x, gamma and beta.
 *
 * @param x [..., channels] of any rank ≥ 2
 * @throws RangeError if a parameter does not have one entry per channel
 */
export function inferBatchNormRelu<T extends tf.Tensor>(
  x: T,
  norm: InferenceNorm,
  { epsilon, relu = true }: BatchNormReluOptions,
): T {
  checkChannels("inferBatchNormRelu", x, { ...norm });
  return tf.tidy(() => {
    const scale = tf.div(norm.gamma, tf.sqrt(tf.add(norm.variance, epsilon))) as tf.Tensor1D;
    const shift = tf.sub(norm.beta, tf.mul(norm.mean, scale)) as tf.Tensor1D;
    return scaleShiftRelu(x, scale, shift, relu);
  });
}

/** relu(x·scale + shift) per channel, differentiable in all three; the kernel `ScaleShiftRelu` where there is one. */
function scaleShiftRelu<T extends tf.Tensor>(x: T, scale: tf.Tensor1D, shift: tf.Tensor1D, relu: boolean): T {
  if (x.size === 0) return tf.clone(x);
  const fused = backendKernel("ScaleShiftRelu");
  const op = tf.customGrad((...args) => {
    const [input, factor, offset] = args as unknown as [T, tf.Tensor1D, tf.Tensor1D];
    const save = args[3] as unknown as tf.GradSaveFunc;
    let value: tf.Tensor;
    if (fused) {
      value = fused({ x: input, scale: factor, shift: offset }, { relu })[0];
    } else {
      const affine = tf.add(tf.mul(input, factor), offset);
      value = relu ? tf.relu(affine) : affine;
    }
    save([input, value, factor]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [savedX, y, savedScale] = saved;
      const g = relu ? tf.mul(dy, tf.step(y)) : dy;
      return [tf.mul(g, savedScale), sumRows(tf.mul(g, savedX)), sumRows(g)];
    };
    return { value, gradFunc };
  });
  return op(x, scale, shift) as T;
}

/** Generic forward pass in stock ops: [y, mean, biased variance]. */
function normaliseByBatch<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  { epsilon, relu }: Required<BatchNormReluOptions>,
): [T, tf.Tensor1D, tf.Tensor1D] {
  const channels = gamma.size;
  if (x.size === 0) return [tf.zeros(x.shape) as T, tf.zeros([channels]), tf.zeros([channels])];
  const rows = tf.reshape(x, [-1, channels]);
  const mean = tf.mean(rows, 0) as tf.Tensor1D;
  const centred = tf.sub(rows, mean);
  const variance = tf.mean(tf.square(centred), 0) as tf.Tensor1D;
  const scale = tf.div(gamma, tf.sqrt(tf.add(variance, epsilon)));
  const affine = tf.add(tf.mul(centred, scale), beta);
  return [tf.reshape(relu ? tf.relu(affine) : affine, x.shape) as T, mean, variance];
}

/** Generic backward pass in stock ops: [dx, dgamma, dbeta]. */
function normaliseByBatchGradient(inputs: tf.NamedTensorMap, { epsilon, relu }: Required<BatchNormReluOptions>) {
  const { x, dy, y, gamma, mean, variance } = inputs;
  const channels = gamma.size;
  if (x.size === 0) return [tf.zeros(x.shape), tf.zeros([channels]), tf.zeros([channels])];
  const n = x.size / channels;
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const g = tf.reshape(relu ? tf.mul(dy, tf.step(y)) : dy, [n, channels]);
  const normalised = tf.mul(tf.sub(tf.reshape(x, [n, channels]), mean), inverse);
  const dbeta = tf.sum(g, 0);
  const dgamma = tf.sum(tf.mul(g, normalised), 0);
  const centredG = tf.sub(tf.sub(g, tf.div(dbeta, n)), tf.mul(normalised, tf.div(dgamma, n)));
  return [tf.reshape(tf.mul(centredG, tf.mul(gamma, inverse)), x.shape), dgamma, dbeta];
}

function sumRows(x: tf.Tensor): tf.Tensor {
  return tf.sum(tf.reshape(x, [-1, x.shape[x.rank - 1]]), 0);
}

function checkChannels(name: string, x: tf.Tensor, parameters: Record<string, tf.Tensor>): void {
  if (x.rank < 2) throw new RangeError(`${name}: expected rank 2 or more for x, got shape [${x.shape}]`);
  const channels = x.shape[x.rank - 1];
  for (const [key, tensor] of Object.entries(parameters)) {
    if (tensor.rank !== 1 || tensor.shape[0] !== channels) {
      throw new RangeError(`${name}: expected shape [${channels}] for ${key}, got [${tensor.shape}]`);
    }
  }
}
