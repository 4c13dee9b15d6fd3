import * as tf from "@tensorflow/tfjs-core";
import { backendKernel } from "./backend-kernel.js";
import { checkFeatures, pairsOf, type Rulebook } from "./rulebook.js";
import { stockFeatureGradient, stockForward, stockWeightGradient } from "./stock-convolution.js";

/**
 * Sparse convolution: out[o] = Σ over taps k and pairs (i, o) of tap k of in[i] · W[k]. No bias. Differentiable in
 * features and weights, once.
 *
 * On a backend that registers the kernels `SparseConvolution`, `SparseConvolutionFeatureGrad` and
 * `SparseConvolutionWeightGrad`, such as `simd`, each direction is one of them; on any other it is made of gather, matMul and
 * scatterND.
 *
 * @param features [inRows, cin] float32, rows as in the sites that the rulebook was built for
 * @param weights  [kz, ky, kx, cin, cout] float32
 * @returns        [outRows, cout], rows as in `rulebook.outputCoords`
 * @throws RangeError if features or weights do not fit the rulebook
 */
export function sparseConvolution(features: tf.Tensor, weights: tf.Tensor, rulebook: Rulebook): tf.Tensor2D {
  checkShapes("sparseConvolution", features, weights, rulebook);
  const convolution = tf.customGrad((...args) => {
    const [x, w, save] = args as unknown as [tf.Tensor2D, tf.Tensor5D, tf.GradSaveFunc];
    save([x, w]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [input, filter] = saved as [tf.Tensor2D, tf.Tensor5D];
      const dOut = dy as tf.Tensor2D;
      return [featureGradient(dOut, filter, rulebook), weightGradient(input, dOut, { shape: filter.shape, rulebook })];
    };
    return { value: forward(x, w, rulebook), gradFunc };
  });
  return convolution(features, weights) as tf.Tensor2D;
}

/** Filter and bias of a layer whose batch norm is folded into it. */
export interface FoldedConvolution {
  /** [kz, ky, kx, cin, cout] float32 */
  readonly weights: tf.Tensor5D;
  /** [cout] float32 */
  readonly bias: tf.Tensor1D;
}

/**
 * relu({@link sparseConvolution} + bias), for inference: not differentiable. One kernel that adds and rectifies in
 * place where the backend has `SparseConvolutionBiasRelu`; stock operations elsewhere.
 *
 * @param features [inRows, cin] float32, rows as in the sites that the rulebook was built for
 * @returns        [outRows, cout], rows as in `rulebook.outputCoords`
 * @throws RangeError if features, weights or bias do not fit the rulebook or each other
 */
export function sparseConvolutionBiasRelu(
  features: tf.Tensor2D,
  { weights, bias }: FoldedConvolution,
  rulebook: Rulebook,
): tf.Tensor2D {
  checkShapes("sparseConvolutionBiasRelu", features, weights, rulebook);
  if (bias.rank !== 1 || bias.shape[0] !== weights.shape[4]) {
    throw new RangeError(
      `sparseConvolutionBiasRelu: expected [${weights.shape[4]}] for bias, got [${(bias.shape as number[]).join(", ")}]`,
    );
  }
  const fused = backendKernel("SparseConvolutionBiasRelu");
  if (fused) return fused({ features, weights, bias }, pairsOf(rulebook))[0] as tf.Tensor2D;
  return tf.tidy(() => tf.relu(tf.add(stockForward(features, weights, rulebook), bias)) as tf.Tensor2D);
}

/** [outRows, cout], without gradient. */
function forward(features: tf.Tensor2D, weights: tf.Tensor5D, rulebook: Rulebook): tf.Tensor2D {
  const fused = backendKernel("SparseConvolution");
  if (fused) return fused({ features, weights }, pairsOf(rulebook))[0] as tf.Tensor2D;
  return stockForward(features, weights, rulebook);
}

/** [inRows, cin] from dOut [outRows, cout]. */
function featureGradient(dOut: tf.Tensor2D, weights: tf.Tensor5D, rulebook: Rulebook): tf.Tensor2D {
  const fused = backendKernel("SparseConvolutionFeatureGrad");
  if (fused) return fused({ dOut, weights }, pairsOf(rulebook))[0] as tf.Tensor2D;
  return stockFeatureGradient(dOut, weights, rulebook);
}

/** [kz, ky, kx, cin, cout] from features [inRows, cin] and dOut [outRows, cout]. */
function weightGradient(
  features: tf.Tensor2D,
  dOut: tf.Tensor2D,
  { shape, rulebook }: { readonly shape: tf.Tensor5D["shape"]; readonly rulebook: Rulebook },
): tf.Tensor5D {
  const fused = backendKernel("SparseConvolutionWeightGrad");
  if (fused) return tf.reshape(fused({ features, dOut }, pairsOf(rulebook))[0], shape) as tf.Tensor5D;
  return stockWeightGradient(features, dOut, { shape, rulebook });
}

function checkShapes(caller: string, features: tf.Tensor, weights: tf.Tensor, rulebook: Rulebook): void {
  checkFeatures(caller, features, rulebook);
  const { kernel } = rulebook;
  const channels = features.shape[1] as number;
  const shape: readonly number[] = weights.shape;
  if (shape.length !== 5 || !tf.util.arraysEqual(shape.slice(0, 4), [...kernel, channels])) {
    throw new RangeError(
      `${caller}: expected [${kernel.join(", ")}, ${channels}, cout] for weights, got [${shape.join(", ")}]`,
    );
  }
}
