import * as tf from "@tensorflow/tfjs-core";

/** Training batch norm with ReLU as one differentiable op of the fused kernels. */
export function batchNormRelu(x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D, relu = true): tf.Tensor4D {
  const attrs = { epsilon: 1e-3, relu };
  const op = tf.customGrad((...args) => {
    const [x, gamma, beta, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const [y, mean, variance] = tf
      .engine()
      .runKernel("BatchNormReluTraining", { x, gamma, beta }, attrs) as tf.Tensor[];
    save([x, gamma, beta, mean, variance]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [x, gamma, beta, mean, variance] = saved;
      const inputs = { x, dy, gamma, beta, mean, variance };
      return tf.engine().runKernel("BatchNormReluTrainingGrad", inputs, attrs) as tf.Tensor[];
    };
    return { value: y, gradFunc };
  });
  return op(x, gamma, beta) as tf.Tensor4D;
}

/** The same in stock ops. */
export function plainBatchNormRelu(x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D, relu = true): tf.Tensor4D {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const y = tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-3))), gamma), beta) as tf.Tensor4D;
  return relu ? tf.relu(y) : y;
}

/** A strided convolution, batch norm with ReLU, a second convolution and a transposed one, as in a detector's backbone. */
export function convNet(...inputs: tf.Tensor[]): tf.Scalar {
  const [x, first, gamma, beta, second, up] = inputs;
  const down = tf.conv2d(x as tf.Tensor4D, first as tf.Tensor4D, 2, "same");
  const normal = batchNormRelu(down, gamma as tf.Tensor1D, beta as tf.Tensor1D);
  const deep = tf.conv2d(normal, second as tf.Tensor4D, 1, "same");
  const [batch, height, width] = x.shape as [number, number, number, number];
  const wide = tf.conv2dTranspose(deep, up as tf.Tensor4D, [batch, height, width, 2], 2, "same");
  return tf.mean(tf.square(wide));
}

/** Shapes of the inputs of `convNet`: image, filter, gamma, beta, filter, transposed filter. */
export const convNetShapes = [[2, 6, 8, 3], [3, 3, 3, 7], [7], [7], [3, 3, 7, 5], [2, 2, 2, 5]] as const;
