import * as tf from "@tensorflow/tfjs-core";
import { compare, seeded } from "./ops.js";

// What surrounds the products in a training step: broadcasts, reductions, moves, and the gradient of a gather.

const rows = 4000;
const channels = 64;

compare("add a row [4000,64] + [64]", () => {
  const [x, bias] = [seeded([rows, channels]), seeded([channels])];
  return () => tf.add(x, bias);
});

compare("multiply [4000,64] · [4000,64]", () => {
  const [a, b] = [seeded([rows, channels]), seeded([rows, channels])];
  return () => tf.mul(a, b);
});

compare("relu and its gradient [4000,64]", () => {
  const x = seeded([rows, channels]);
  const gradient = tf.grad((a) => tf.relu(a));
  return () => gradient(x);
});

compare("sum over rows [4000,64]", () => {
  const x = seeded([rows, channels]);
  return () => tf.sum(x, 0);
});

compare("sigmoid [4000,64]", () => {
  const x = seeded([rows, channels]);
  return () => tf.sigmoid(x);
});

compare("transpose [4000,64]", () => {
  const x = seeded([rows, channels]);
  return () => tf.transpose(x);
});

compare("gather of 400 rows and its gradient (cpu: quadratic)", () => {
  const x = seeded([100, channels]);
  const index = tf.tensor1d(
    Int32Array.from({ length: 400 }, (_, i) => (i * 7) % 100),
    "int32",
  );
  const gradient = tf.grad((a) => tf.gather(a, index));
  return () => gradient(x);
});

compare("add of scalars (fixed cost)", () => {
  const [a, b] = [tf.scalar(1), tf.scalar(2)];
  return () => tf.add(a, b);
});
