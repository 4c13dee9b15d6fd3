import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, expectGradient, randomFloats, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import { batchNormRelu, inferBatchNormRelu } from "../src/index.js";
import { batchNormReluOracle } from "./oracle/batch-norm.js";

// Also brings the gradients that tfjs-core alone does not register.
registerSimdBackend();

const EPSILON = 1e-3;
/** float32 results against float64 ones on inputs of size 1: a few roundings. */
const FORWARD_TOLERANCE = { ofLargest: 2e-6 };
/** Float64 central differences against a float32 gradient. */
const GRADIENT = { step: 1e-5, ofLargest: 1e-5 };

/** What batch norm has gradients by. */
const parameters = ["x", "gamma", "beta"] as const;
type Parameters = Record<(typeof parameters)[number], ArrayLike<number>>;

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
    expectClose(y.dataSync(), [0, 1, 3], { ofLargest: 1e-6 });
    expectClose(mean.dataSync(), [3], {});
    expectClose(variance.dataSync(), [8 / 3], { ofLargest: 1e-7 });
    const linear = batchNormRelu(x, affine, { epsilon: 4 / 3, relu: false }).y;
    expectClose(linear.dataSync(), [-1, 1, 3], { ofLargest: 1e-6 });
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
    const x = randomFloats(rng, tf.util.sizeFromShape(shape));
    const gamma = randomFloats(rng, channels).map((v) => v + 1.2);
    const beta = randomFloats(rng, channels);
    const direction = randomFloats(rng, x.length);
    const options = { epsilon: EPSILON, relu };
    const expected = batchNormReluOracle(x, { gamma, beta, ...options });

    const tensors = [tf.tensor(x, shape), tf.tensor1d(gamma), tf.tensor1d(beta)];
    const { y, mean, variance } = batchNormRelu(tensors[0], affineOf(tensors), options);
    expect(y.shape).toEqual(shape);
    expectClose(y.dataSync(), expected.y, { ...FORWARD_TOLERANCE, label: "y" });
    expectClose(mean.dataSync(), expected.mean, { ...FORWARD_TOLERANCE, label: "mean" });
    expectClose(variance.dataSync(), expected.variance, { ...FORWARD_TOLERANCE, label: "variance" });

    const gradients = tf.grads((...inputs: tf.Tensor[]) =>
      tf.sum(tf.mul(batchNormRelu(inputs[0], affineOf(inputs), options).y, tf.tensor(direction, shape))),
    )(tensors);
    const args: Parameters = { x, gamma, beta };
    const loss = ({ x, ...affine }: Parameters) =>
      batchNormReluOracle(x, { ...affine, ...options }).y.reduce((sum, value, i) => sum + value * direction[i], 0);
    // A single row has x̂ = 0: its gradient by x is exactly zero, up to rounding.
    parameters.forEach((name, i) => {
      const lossBy = (moved: Float64Array) => loss({ ...args, [name]: moved });
      expectGradient(gradients[i].dataSync(), lossBy, { at: args[name], ...GRADIENT, label: `gradient by ${name}` });
    });
  });

  test("keeps its digits under a large common offset", () => {
    const rng = seededRandom(5);
    // At 4096 a float32 has steps of 2^-11: the offset input is exact in float32, so only the op's rounding counts.
    const x = randomFloats(rng, 300).map((v) => Math.round(v * 2048) / 2048 + 4096);
    const [gamma, beta] = [new Float32Array(3).fill(1), new Float32Array(3)];
    const expected = batchNormReluOracle(x, { gamma, beta, epsilon: EPSILON, relu: true });
    const affine = { gamma: tf.tensor1d(gamma), beta: tf.tensor1d(beta) };
    const { y, variance } = batchNormRelu(tf.tensor2d(x, [100, 3]), affine, { epsilon: EPSILON });
    expectClose(variance.dataSync(), expected.variance, { ofLargest: 1e-5, label: "variance" });
    // The mean itself is rounded to 2^-12 (half a step at 4096) of a spread of 0.6.
    expectClose(y.dataSync(), expected.y, { ofLargest: 3e-4, label: "y" });
  });

  test("laws: scaling and shifting x changes nothing (without epsilon); permuting rows permutes y", () => {
    const rng = seededRandom(8);
    const x = tf.tensor2d(randomFloats(rng, 60), [20, 3]);
    const affine = { gamma: tf.tensor1d([1, 2, 0.5]), beta: tf.tensor1d([0.1, -0.2, 0.3]) };
    const base = batchNormRelu(x, affine, { epsilon: 0 }).y;
    const moved = batchNormRelu(tf.add(tf.mul(x, 3), 2) as tf.Tensor2D, affine, { epsilon: 0 }).y;
    expectClose(moved.dataSync(), base.dataSync(), { ofLargest: 1e-5 });
    const flipped = batchNormRelu(tf.reverse(x, 0), affine, { epsilon: 0 }).y;
    expectClose(tf.reverse(flipped, 0).dataSync(), base.dataSync(), { ofLargest: 1e-6 });
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
    expectClose(y.dataSync(), [0, 1, 4], { ofLargest: 1e-7 });
  });

  test("gradients agree with central differences", () => {
    const rng = seededRandom(3);
    const [x, gamma, beta] = [randomFloats(rng, 24), randomFloats(rng, 3), randomFloats(rng, 3)];
    const mean = randomFloats(rng, 3);
    const variance = randomFloats(rng, 3).map((v) => v + 1.5);
    const direction = randomFloats(rng, 24);
    const gradients = tf.grads((...inputs: tf.Tensor[]) => {
      const norm = { ...affineOf(inputs), mean: tf.tensor1d(mean), variance: tf.tensor1d(variance) };
      return tf.sum(tf.mul(inferBatchNormRelu(inputs[0], norm, { epsilon: EPSILON }), tf.tensor2d(direction, [8, 3])));
    })([tf.tensor2d(x, [8, 3]), tf.tensor1d(gamma), tf.tensor1d(beta)]);
    const args: Parameters = { x, gamma, beta };
    const loss = ({ x, gamma, beta }: Parameters) =>
      direction.reduce((sum, weight, i) => {
        const c = i % 3;
        const affine = (gamma[c] * (x[i] - mean[c])) / Math.sqrt(variance[c] + EPSILON) + beta[c];
        return sum + weight * Math.max(affine, 0);
      }, 0);
    parameters.forEach((name, i) => {
      const lossBy = (moved: Float64Array) => loss({ ...args, [name]: moved });
      expectGradient(gradients[i].dataSync(), lossBy, { at: args[name], ...GRADIENT, label: `gradient by ${name}` });
    });
  });
});

function affineOf([, gamma, beta]: tf.Tensor[]): { gamma: tf.Tensor1D; beta: tf.Tensor1D } {
  return { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D };
}
