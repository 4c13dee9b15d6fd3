import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import { batchNormRelu, inferBatchNormRelu } from "../src/index.js";
import { batchNormReluOracle } from "./oracle/batch-norm.js";
import { expectClose } from "./oracle/closeness.js";
import { randomArray, seededRandom } from "./oracle/random.js";

// Also brings the gradients that tfjs-core alone does not register.
registerSimdBackend();

const EPSILON = 1e-3;
/** float32 results against float64 ones on inputs of size 1: a few roundings. */
const FORWARD_TOLERANCE = 2e-6;
/** Float64 central differences with step 1e-5 against a float32 gradient. */
const GRADIENT_TOLERANCE = 1e-5;

/** The generic form in stock ops, and the fused kernels. */
const BACKENDS = ["cpu", "simd"];

describe.each(BACKENDS)("batchNormRelu on %s", (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  test("by hand: rows 1, 3, 5 of one channel", () => {
    // mean 3, variance (4 + 0 + 4)/3 = 8/3; epsilon 4/3 makes the root 2; y = 2·(x − 3)/2 + 1 = −1, 1, 3.
    const x = tf.tensor2d([1, 3, 5], [3, 1]);
    const affine = { gamma: tf.tensor1d([2]), beta: tf.tensor1d([1]) };
    const { y, mean, variance } = batchNormRelu(x, affine, { epsilon: 4 / 3 });
    expectClose(y.dataSync(), [0, 1, 3], 1e-6);
    expectClose(mean.dataSync(), [3], 0);
    expectClose(variance.dataSync(), [8 / 3], 1e-7);
    const linear = batchNormRelu(x, affine, { epsilon: 4 / 3, relu: false }).y;
    expectClose(linear.dataSync(), [-1, 1, 3], 1e-6);
  });

  test.each([
    { shape: [1, 3], relu: true },
    { shape: [7, 1], relu: true },
    { shape: [40, 13], relu: true },
    { shape: [40, 13], relu: false },
    { shape: [2, 3, 5, 4], relu: true },
    { shape: [2, 2, 3, 2, 3], relu: true },
  ])("agrees with float64 loops, forward and by central differences: %o", ({ shape, relu }) => {
    const rng = seededRandom(shape.length * 31 + shape[0]);
    const channels = shape[shape.length - 1];
    const x = randomArray(tf.util.sizeFromShape(shape), rng);
    const gamma = randomArray(channels, rng).map((v) => v + 1.2);
    const beta = randomArray(channels, rng);
    const direction = randomArray(x.length, rng);
    const options = { epsilon: EPSILON, relu };
    const expected = batchNormReluOracle(x, { gamma, beta, ...options });

    const tensors = [tf.tensor(x, shape), tf.tensor1d(gamma), tf.tensor1d(beta)];
    const { y, mean, variance } = batchNormRelu(tensors[0], affineOf(tensors), options);
    expect(y.shape).toEqual(shape);
    expectClose(y.dataSync(), expected.y, FORWARD_TOLERANCE, "y");
    expectClose(mean.dataSync(), expected.mean, FORWARD_TOLERANCE, "mean");
    expectClose(variance.dataSync(), expected.variance, FORWARD_TOLERANCE, "variance");

    const gradients = tf.grads((...inputs: tf.Tensor[]) =>
      tf.sum(tf.mul(batchNormRelu(inputs[0], affineOf(inputs), options).y, tf.tensor(direction, shape))),
    )(tensors);
    const loss = (args: Float64Array[]) =>
      batchNormReluOracle(args[0], { gamma: args[1], beta: args[2], ...options }).y.reduce(
        (sum, value, i) => sum + value * direction[i],
        0,
      );
    // A single row has x̂ = 0: its gradient by x is exactly zero, up to rounding.
    const differences = centralDifferences(
      loss,
      [x, gamma, beta].map((a) => Float64Array.from(a)),
    );
    ["x", "gamma", "beta"].forEach((name, i) => {
      expectClose(gradients[i].dataSync(), differences[i], GRADIENT_TOLERANCE, `gradient by ${name}`);
    });
  });

  test("keeps its digits under a large common offset", () => {
    const rng = seededRandom(5);
    // At 4096 a float32 has steps of 2^-11: the offset input is exact in float32, so only the op's rounding counts.
    const x = randomArray(300, rng).map((v) => Math.round(v * 2048) / 2048 + 4096);
    const [gamma, beta] = [new Float32Array(3).fill(1), new Float32Array(3)];
    const expected = batchNormReluOracle(x, { gamma, beta, epsilon: EPSILON, relu: true });
    const affine = { gamma: tf.tensor1d(gamma), beta: tf.tensor1d(beta) };
    const { y, variance } = batchNormRelu(tf.tensor2d(x, [100, 3]), affine, { epsilon: EPSILON });
    expectClose(variance.dataSync(), expected.variance, 1e-5, "variance");
    // The mean itself is rounded to 2^-12 (half a step at 4096) of a spread of 0.6.
    expectClose(y.dataSync(), expected.y, 3e-4, "y");
  });

  test("laws: scaling and shifting x changes nothing (without epsilon); permuting rows permutes y", () => {
    const rng = seededRandom(8);
    const x = tf.tensor2d(randomArray(60, rng), [20, 3]);
    const affine = { gamma: tf.tensor1d([1, 2, 0.5]), beta: tf.tensor1d([0.1, -0.2, 0.3]) };
    const base = batchNormRelu(x, affine, { epsilon: 0 }).y;
    const moved = batchNormRelu(tf.add(tf.mul(x, 3), 2) as tf.Tensor2D, affine, { epsilon: 0 }).y;
    expectClose(moved.dataSync(), base.dataSync(), 1e-5);
    const flipped = batchNormRelu(tf.reverse(x, 0), affine, { epsilon: 0 }).y;
    expectClose(tf.reverse(flipped, 0).dataSync(), base.dataSync(), 1e-6);
  });

  test("no rows: empty output, zero statistics, zero gradients, no NaN", () => {
    const tensors = [tf.tensor2d([], [0, 2]), tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
    const { y, mean, variance } = batchNormRelu(tensors[0], affineOf(tensors), { epsilon: EPSILON });
    expect(y.shape).toEqual([0, 2]);
    expect([...mean.dataSync(), ...variance.dataSync()]).toEqual([0, 0, 0, 0]);
    const gradients = tf.grads((...inputs: tf.Tensor[]) =>
      tf.sum(batchNormRelu(inputs[0], affineOf(inputs), { epsilon: EPSILON }).y),
    )(tensors);
    expect(gradients.map((g) => [...g.dataSync()])).toEqual([[], [0, 0], [0, 0]]);
    const norm = { ...affineOf(tensors), mean, variance };
    expect(inferBatchNormRelu(tensors[0], norm, { epsilon: EPSILON }).shape).toEqual([0, 2]);
  });

  test("leaks no tensor, with or without a gradient", () => {
    const tensors = [tf.randomNormal([6, 2]), tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
    const before = tf.memory().numTensors;
    const { y, mean, variance } = batchNormRelu(tensors[0], affineOf(tensors), { epsilon: EPSILON });
    tf.dispose([y, mean, variance]);
    const gradients = tf.grads((...inputs: tf.Tensor[]) =>
      tf.sum(batchNormRelu(inputs[0], affineOf(inputs), { epsilon: EPSILON }).y),
    )(tensors);
    tf.dispose(gradients);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("refuses parameters of another size", () => {
    const x = tf.zeros([4, 3]);
    const three = tf.zeros<tf.Rank.R1>([3]);
    const two = tf.zeros<tf.Rank.R1>([2]);
    expect(() => batchNormRelu(x, { gamma: two, beta: three }, { epsilon: EPSILON })).toThrow(
      "batchNormRelu: expected shape [3] for gamma, got [2]",
    );
    expect(() => batchNormRelu(three, { gamma: three, beta: three }, { epsilon: EPSILON })).toThrow(
      "batchNormRelu: expected rank 2 or more for x, got shape [3]",
    );
  });
});

describe.each(BACKENDS)("inferBatchNormRelu on %s", (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  test("by hand", () => {
    // scale = 3/√(3 + 1) = 1.5; shift = 1 − 2·1.5 = −2; y = relu(1.5·x − 2)
    const vector = (value: number) => tf.tensor1d([value]);
    const norm = { gamma: vector(3), beta: vector(1), mean: vector(2), variance: vector(3) };
    const y = inferBatchNormRelu(tf.tensor2d([0, 2, 4], [3, 1]), norm, { epsilon: 1 });
    expectClose(y.dataSync(), [0, 1, 4], 1e-7);
  });

  test("gradients agree with central differences", () => {
    const rng = seededRandom(3);
    const [x, gamma, beta] = [randomArray(24, rng), randomArray(3, rng), randomArray(3, rng)];
    const mean = randomArray(3, rng);
    const variance = randomArray(3, rng).map((v) => v + 1.5);
    const direction = randomArray(24, rng);
    const gradients = tf.grads((...inputs: tf.Tensor[]) => {
      const norm = { ...affineOf(inputs), mean: tf.tensor1d(mean), variance: tf.tensor1d(variance) };
      return tf.sum(tf.mul(inferBatchNormRelu(inputs[0], norm, { epsilon: EPSILON }), tf.tensor2d(direction, [8, 3])));
    })([tf.tensor2d(x, [8, 3]), tf.tensor1d(gamma), tf.tensor1d(beta)]);
    const loss = ([px, pg, pb]: Float64Array[]) =>
      px.reduce((sum, value, i) => {
        const c = i % 3;
        const affine = (pg[c] * (value - mean[c])) / Math.sqrt(variance[c] + EPSILON) + pb[c];
        return sum + direction[i] * Math.max(affine, 0);
      }, 0);
    const differences = centralDifferences(
      loss,
      [x, gamma, beta].map((a) => Float64Array.from(a)),
    );
    gradients.forEach((gradient, i) => {
      expectClose(gradient.dataSync(), differences[i], GRADIENT_TOLERANCE);
    });
  });
});

function affineOf([, gamma, beta]: tf.Tensor[]): { gamma: tf.Tensor1D; beta: tf.Tensor1D } {
  return { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D };
}

function centralDifferences(loss: (args: Float64Array[]) => number, args: Float64Array[], step = 1e-5): number[][] {
  return args.map((values) =>
    Array.from(values, (value, i) => {
      values[i] = value + step;
      const above = loss(args);
      values[i] = value - step;
      const below = loss(args);
      values[i] = value;
      return (above - below) / (2 * step);
    }),
  );
}
