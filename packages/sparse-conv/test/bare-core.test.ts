import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { buildStridedRulebook, maxPoolRows, sparseConvolution, toBev, toDense } from "../src/index.js";

// tfjs-core alone registers no gradients for its own operations; whoever imports @tensorflow/tfjs gets them.
it("gradients need none of those that tfjs registers", async () => {
  await tf.setBackend("cpu");
  expect(() => tf.grad((x) => tf.reshape(x, [4]))(tf.ones([2, 2]))).toThrow("gradient function not found");

  const coords = Int32Array.of(0, 0, 0, 0, 0, 1, 0, 1);
  const options = { shape: [2, 1, 2], batchSize: 1 } as const;
  const rulebook = buildStridedRulebook(coords, { ...options, kernel: [2, 1, 2] });
  const features = tf.tensor2d([1, 2], [2, 1]);
  const weights = tf.ones([2, 1, 2, 1, 1]) as tf.Tensor5D;
  const rowsOf = (make: (x: tf.Tensor2D) => tf.Tensor) => [
    ...tf
      .grad((x) => make(x as tf.Tensor2D))(features)
      .dataSync(),
  ];
  expect(rowsOf((x) => sparseConvolution(x, weights, rulebook))).toEqual([1, 1]);
  expect(rowsOf((x) => maxPoolRows(x, rulebook))).toEqual([0, 1]);
  expect(rowsOf((x) => toDense({ features: x, coords, ...options }))).toEqual([1, 1]);
  expect(rowsOf((x) => toBev({ features: x, coords, ...options }))).toEqual([1, 1]);
});
