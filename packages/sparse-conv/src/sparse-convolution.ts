import * as tf from "@tensorflow/tfjs-core";
import { fusedFeatureGradient, fusedForward, fusedForwardBiasRelu, fusedWeightGradient } from "./fused-convolution.js";
import { checkFeatures, type Rulebook } from "./rulebook.js";
import { fusedAvailable } from "./simd-kernel.js";
import { stockFeatureGradient, stockForward, stockWeightGradient } from "./stock-convolution.js";

/**
 * Sparse convolution: out[o] = Σ over taps k and pairs (i, o) of tap k of in[i] · W[k]. No bias. Differentiable in
 * features and weights, once.
 *
 * On the backend `simd` each direction is one fused kernel of simd-kernels; on any other backend it is made of gather,
 * matMul and scatterND.
 *
 * @param features [inRows, cin] float32, rows as in the sites that the rulebook was built for
 * @param weights  [kz, ky, kx, cin, cout] float32
 * @returns        [outRows, cout], rows as in `rulebook.outputCoords`
 * @throws RangeError if features or weights do not fit the rulebook
 */
export function sparseConvolution(features: tf.Tensor2D, weights: tf.Tensor5D, rulebook: Rulebook): tf.Tensor2D {
  checkShapes("sparseConvolution", features, weights, rulebook);
  const convolution = tf.customGrad((...args) => {
    const [x, w, save] = args as unknown as [tf.Tensor2D, tf.Tensor5D, tf.GradSaveFunc];
    save([x, w]);
    const value = fusedAvailable() ? fusedForward(x, w, rulebook) : stockForward(x, w, rulebook);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [input, kernel] = saved as [tf.Tensor2D, tf.Tensor5D];
      const dOut = dy as tf.Tensor2D;
      const sizes = { shape: kernel.shape, rulebook };
      return fusedAvailable()
        ? [fusedFeatureGradient(dOut, kernel, rulebook), fusedWeightGradient(input, dOut, sizes)]
        : [stockFeatureGradient(dOut, kernel, rulebook), stockWeightGradient(input, dOut, sizes)];
    };
    return { value, gradFunc };
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
 * relu({@link sparseConvolution} + bias), for inference: not differentiable. On the backend `simd` one kernel that adds
 * and rectifies in place; stock operations elsewhere.
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
  if (fusedAvailable()) return fusedForwardBiasRelu(features, { weights, bias }, rulebook);
  return tf.tidy(() => tf.relu(tf.add(stockForward(features, weights, rulebook), bias)) as tf.Tensor2D);
}

function checkShapes(caller: string, features: tf.Tensor2D, weights: tf.Tensor5D, rulebook: Rulebook): void {
  checkFeatures(caller, features, rulebook);
  const { kernel } = rulebook;
  const channels = features.shape[1];
  if (!tf.util.arraysEqual(weights.shape.slice(0, 4), [...kernel, channels])) {
    throw new RangeError(
      `${caller}: expected [${kernel.join(", ")}, ${channels}, cout] for weights, got [${weights.shape.join(", ")}]`,
    );
  }
}
