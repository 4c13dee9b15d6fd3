import * as tf from "@tensorflow/tfjs-core";
import { compare, seeded } from "./ops.js";

// A layer of a bird's-eye-view backbone, its two gradients, and the narrow and the 1×1 layers around it.

const conv = (x: tf.Tensor, filter: tf.Tensor, stride = 1) =>
  tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, "same");

compare("conv2d 1×48×48×64 → 64, 3×3", () => {
  const [x, filter] = [seeded([1, 48, 48, 64]), seeded([3, 3, 64, 64])];
  return () => conv(x, filter);
});

compare("conv2d 1×16×16×16 → 16, 3×3, forward and both gradients", () => {
  const [x, filter, dy] = [seeded([1, 16, 16, 16]), seeded([3, 3, 16, 16]), seeded([1, 16, 16, 16])];
  const gradients = tf.grads((a, b) => conv(a, b));
  return () => gradients([x, filter], dy);
});

compare("conv2d 1×32×32×7 → 13, 3×3, stride 2", () => {
  const [x, filter] = [seeded([1, 32, 32, 7]), seeded([3, 3, 7, 13])];
  return () => conv(x, filter, 2);
});

compare("conv2d 1×48×48×128 → 18, 1×1", () => {
  const [x, filter] = [seeded([1, 48, 48, 128]), seeded([1, 1, 128, 18])];
  return () => conv(x, filter);
});

compare("matMul 128×128×128", () => {
  const [a, b] = [seeded([128, 128]), seeded([128, 128])];
  return () => tf.matMul(a, b);
});
