import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, expectGradient, randomFloats, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import { pearsonGraph } from "../src/index.js";

registerSimdBackend();

/** float32 sums over up to a hundred products, against float64. */
const ROUNDING = { ofLargest: 2e-6 };
/** A float32 gradient against central differences in float64. */
const GRADIENT = { step: 1e-5, ofLargest: 1e-5 };

/** One graph, by the definition of Pearson's correlation, in float64. */
function oracle(rows: ArrayLike<number>, channels: number, dimensions: number): Float64Array {
  const row = (i: number) => Array.from({ length: dimensions }, (_, d) => rows[i * dimensions + d]);
  const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const covariance = (a: number[], b: number[]) => mean(a.map((v, i) => (v - mean(a)) * (b[i] - mean(b))));
  const graph = new Float64Array(channels * channels);
  for (let i = 0; i < channels; i++) {
    for (let j = 0; j < channels; j++) {
      const [a, b] = [row(i), row(j)];
      const r = covariance(a, b) / Math.sqrt(covariance(a, a) * covariance(b, b));
      graph[i * channels + j] = i === j ? 0 : Math.max(0, r);
    }
  }
  return graph;
}

function graphOf(data: Float32Array, channels: number, dimensions: number): Float32Array {
  return tf.tidy(
    () =>
      pearsonGraph(tf.tensor3d(data, [1, channels, dimensions]))
        .dataSync()
        .slice() as Float32Array,
  );
}

describe.each(["cpu", "simd"])("pearsonGraph on %s", (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  test("by hand: like, unlike and unrelated", () => {
    // 1 and 2 rise together, 3 falls as they rise, 4 has nothing to do with them: r = 1, −1 → 0, 0
    const rows = Float32Array.of(1, 2, 3, 10, 20, 30, 3, 2, 1, 1, -2, 1);
    expectClose(graphOf(rows, 4, 3), [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], { ofLargest: 1e-6 });
  });

  test.each([
    [1, 5],
    [2, 2],
    [7, 33],
    [16, 100],
  ])("agrees with the definition: %i channels, %i dimensions", (channels, dimensions) => {
    const data = randomFloats(seededRandom(channels), channels * dimensions);
    expectClose(graphOf(data, channels, dimensions), oracle(data, channels, dimensions), ROUNDING);
  });

  test("every scan of a batch has a graph of its own", () => {
    const data = randomFloats(seededRandom(1), 2 * 5 * 9);
    const both = tf.tidy(() =>
      pearsonGraph(tf.tensor3d(data, [2, 5, 9]))
        .dataSync()
        .slice(),
    );
    expectClose(both.subarray(0, 25), graphOf(data.slice(0, 45), 5, 9), ROUNDING);
    expectClose(both.subarray(25), graphOf(data.slice(45), 5, 9), ROUNDING);
  });

  test("laws: symmetric, unmoved by shift and positive scale, permuted as the channels are", () => {
    const [channels, dimensions] = [6, 20];
    const data = randomFloats(seededRandom(2), channels * dimensions);
    const graph = graphOf(data, channels, dimensions);
    const moved = data.map((v, i) => (1 + Math.floor(i / dimensions)) * v + 3);
    expectClose(graphOf(moved, channels, dimensions), graph, { ofLargest: 2e-5, label: "shifted and scaled" });
    const order = [3, 0, 5, 1, 4, 2];
    const permuted = Float32Array.from(order.flatMap((c) => [...data.slice(c * dimensions, (c + 1) * dimensions)]));
    const expected = order.flatMap((i) => order.map((j) => graph[i * channels + j]));
    expectClose(graphOf(permuted, channels, dimensions), expected, { ...ROUNDING, label: "permuted" });
    for (let i = 0; i < channels; i++) {
      for (let j = 0; j < channels; j++) expect(graph[i * channels + j]).toBe(graph[j * channels + i]);
    }
  });

  test("the gradient agrees with central differences", () => {
    const [channels, dimensions] = [4, 7];
    const rng = seededRandom(3);
    const data = randomFloats(rng, channels * dimensions);
    const direction = randomFloats(rng, channels * channels);
    const loss = (x: tf.Tensor) =>
      tf.sum(tf.mul(pearsonGraph(x as tf.Tensor3D), tf.tensor(direction, [1, channels, channels]))) as tf.Scalar;
    const gradient = tf.tidy(() =>
      tf
        .grad(loss)(tf.tensor(data, [1, channels, dimensions]))
        .dataSync()
        .slice(),
    );
    const value = (rows: Float64Array) =>
      oracle(rows, channels, dimensions).reduce((sum, a, i) => sum + a * direction[i], 0);
    expectGradient(gradient, value, { at: data, ...GRADIENT });
  });

  test("an embedding without variation is joined to none, and its gradient is finite", () => {
    const rows = Float32Array.of(1, 2, 3, 4, 4, 4, 2, 4, 7);
    const graph = graphOf(rows, 3, 3);
    expect([graph[1], graph[3], graph[5], graph[7]]).toEqual([0, 0, 0, 0]);
    expect(graph[2]).toBeGreaterThan(0.9);
    const gradient = tf.tidy(() => {
      const sum = (x: tf.Tensor) => tf.sum(pearsonGraph(x as tf.Tensor3D)) as tf.Scalar;
      return tf
        .grad(sum)(tf.tensor(rows, [1, 3, 3]))
        .dataSync()
        .slice();
    });
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(() => pearsonGraph(tf.zeros([1, 3, 1]))).toThrow(
      "pearsonGraph: expected shape [b, c, 2 or more] for embeddings, got [1,3,1]",
    );
  });
});
