import * as tf from "@tensorflow/tfjs-core";
import { compare, seeded } from "./ops.js";

// What surrounds the products in a training step: broadcasts, reductions, moves, and the gradient of a gather.

const rows = 20_000;
const channels = 64;

compare("add a row [20000,64] + [64]", () => {
  const [x, bias] = [seeded([rows, channels]), seeded([channels])];
  return () => tf.add(x, bias);
});

compare("multiply [20000,64] · [20000,64]", () => {
  const [a, b] = [seeded([rows, channels]), seeded([rows, channels])];
  return () => tf.mul(a, b);
});

compare("relu and its gradient [20000,64]", () => {
  const x = seeded([rows, channels]);
  const gradient = tf.grad((a) => tf.relu(a));
  return () => gradient(x);
});

compare("sum over rows [20000,64]", () => {
  const x = seeded([rows, channels]);
  return () => tf.sum(x, 0);
});

compare("sigmoid [20000,64]", () => {
  const x = seeded([rows, channels]);
  return () => tf.sigmoid(x);
});

compare("transpose [20000,64]", () => {
  const x = seeded([rows, channels]);
  return () => tf.transpose(x);
});

compare("gather of 2000 rows and its gradient (cpu: quadratic)", () => {
  const x = seeded([500, channels]);
  const index = tf.tensor1d(
    Int32Array.from({ length: 2000 }, (_, i) => (i * 7) % 500),
    "int32",
  );
  const gradient = tf.grad((a) => tf.gather(a, index));
  return () => gradient(x);
});

compare("add of scalars (fixed cost)", () => {
  const [a, b] = [tf.scalar(1), tf.scalar(2)];
  return () => tf.add(a, b);
});
