import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { randomFloats, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, it } from "vitest";
import {
  buildStridedRulebook,
  buildSubmanifoldRulebook,
  maxPoolRows,
  maxPoolSegments,
  sparseMaxPool,
  type Triple,
  type WindowOptions,
} from "../src/index.js";
import { denseMaxPool } from "./oracle/dense-max-pool.js";
import { randomSites } from "./random-sites.js";

interface Case extends WindowOptions {
  readonly shape?: Triple;
  readonly batchSize?: number;
  readonly density?: number;
  readonly channels?: number;
  /** values are rounded to this step, so that many are equal */
  readonly step?: number;
  /** added to every value */
  readonly offset?: number;
}

const CASES: Case[] = [
  { kernel: [2, 2, 2], stride: [2, 2, 2] },
  { kernel: [3, 3, 3], stride: [2, 2, 2], padding: [1, 1, 1] },
  { kernel: [3, 3, 3], stride: [2, 2, 2], padding: [1, 1, 1], step: 1 },
  { kernel: [3, 3, 3], padding: [1, 1, 1], step: 0.5, density: 0.8, channels: 1 },
  { kernel: [3, 3, 3], stride: [2, 2, 2], padding: [1, 1, 1], offset: -10 },
  { kernel: [1, 1, 1], stride: [2, 1, 3] },
  { kernel: [2, 3, 4], stride: [1, 2, 3], padding: [1, 0, 2], channels: 7 },
  { kernel: [3, 2, 3], dilation: [1, 2, 2], padding: [1, 1, 2], stride: [1, 2, 2] },
  { kernel: [3, 3, 3], padding: [1, 1, 1], density: 0 },
  { kernel: [3, 3, 3], padding: [1, 1, 1], batchSize: 0 },
  { kernel: [3, 3, 3], padding: [1, 1, 1], shape: [1, 1, 1], density: 1, batchSize: 1 },
  { kernel: [2, 2, 2], stride: [2, 2, 2], batchSize: 26, shape: [2, 4, 3] },
  { kernel: [3, 3, 3], padding: [1, 1, 1], density: 1, step: 1 },
];

beforeAll(() => registerSimdBackend());

describe.each(["cpu", "simd"])("max pooling on %s", (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
    expect(tf.getBackend()).toBe(backend);
  });

  it.each(CASES.map((each, seed) => [JSON.stringify(each), seed, each] as const))(
    "equals a look into every dense window, %s (seed %i)",
    (_, seed, each) => {
      const rng = seededRandom(seed);
      const { shape = [4, 5, 6], batchSize = 2, density = 0.3, channels = 3, step = 0, offset = 0, ...window } = each;
      const coords = randomSites(rng, { shape, batchSize, density });
      const rows = coords.length / 4;
      const values = randomFloats(rng, rows * channels).map((v) => (step ? Math.round(v / step) * step : v) + offset);
      const x = tf.tensor2d(values, [rows, channels]);

      const pooled = sparseMaxPool({ features: x, coords, shape, batchSize }, window);
      const rowAt = new Map(Array.from({ length: rows }, (_, r) => [coords.subarray(4 * r, 4 * r + 4).join(), r]));
      const { stride = [1, 1, 1], padding = [0, 0, 0], dilation = [1, 1, 1], kernel } = window;
      const problem = { batchSize, shape, outputShape: pooled.shape, kernel, stride, padding, dilation, channels };
      const expected = denseMaxPool(problem, values, rowAt);

      expect([...pooled.coords]).toEqual(expected.flatMap(({ site }) => site));
      expect(pooled.features.shape).toEqual([expected.length, channels]);
      expect([...pooled.features.dataSync()]).toEqual(expected.flatMap((each) => each.values));

      // whole numbers, so that sums are exact
      const outGradient = randomFloats(rng, expected.length * channels).map((v) => Math.round(8 * v));
      const inGradient = new Array(rows * channels).fill(0);
      expected.forEach((each, o) => {
        each.rows.forEach((row, c) => {
          inGradient[row * channels + c] += outGradient[o * channels + c];
        });
      });
      const pool = (a: tf.Tensor) =>
        sparseMaxPool({ features: a as tf.Tensor2D, coords, shape, batchSize }, window).features;
      const dx = tf.grad(pool)(x, tf.tensor2d(outGradient, [expected.length, channels]));
      expect(dx.shape).toEqual(x.shape);
      // + 0 makes a zero of a negative one, which tfjs's and the oracle's sums may leave apart
      expect([...dx.dataSync()].map((v) => v + 0)).toEqual(inGradient.map((v) => v + 0));
    },
  );

  it("gives the gradient of equal values to the lowest row, whatever the taps' order", () => {
    // rows in descending x: the first tap meets the highest row
    const coords = Int32Array.of(0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0);
    const rulebook = buildSubmanifoldRulebook(coords, { shape: [1, 1, 3], batchSize: 1, kernel: [1, 1, 3] });
    const x = tf.tensor2d([5, 5, 5], [3, 1]);
    const dx = tf.grad((a) => maxPoolRows(a as tf.Tensor2D, rulebook))(x, tf.tensor2d([1, 10, 100], [3, 1]));
    // windows of rows 0 and 1 hold row 0; that of row 2 holds rows 1 and 2
    expect([...dx.dataSync()]).toEqual([11, 100, 0]);
  });

  it("lets a NaN and an infinity through", () => {
    const coords = Int32Array.of(0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4);
    const x = tf.tensor2d([1, NaN, NaN, 1, -Infinity, Infinity], [3, 2]);
    const window = { kernel: [1, 1, 2], stride: [1, 1, 2] } as const;
    const { features, coords: out } = sparseMaxPool({ features: x, coords, shape: [1, 1, 6], batchSize: 1 }, window);
    expect([...out]).toEqual([0, 0, 0, 0, 0, 0, 0, 2]);
    expect([...features.dataSync()]).toEqual([NaN, NaN, -Infinity, Infinity]);
  });

  it.each([[[]], [[0]], [[1]], [[3, 0, 1, 5, 2, 0]], [Array.from({ length: 40 }, (_, i) => (7 * i) % 5)]])(
    "takes the largest of each segment, lengths %j",
    (lengths) => {
      const rng = seededRandom(30 + lengths.length);
      const channels = 3;
      const starts = new Int32Array(lengths.length + 1);
      lengths.forEach((length, i) => {
        starts[i + 1] = starts[i] + length;
      });
      const rows = starts[lengths.length];
      // few values, so that many are equal, none above zero
      const values = randomFloats(rng, rows * channels).map((v) => Math.round(2 * v) - 3);
      const outGradient = randomFloats(rng, lengths.length * channels).map((v) => Math.round(8 * v));
      const expected: number[] = [];
      const inGradient = new Array(rows * channels).fill(0);
      lengths.forEach((_, i) => {
        for (let c = 0; c < channels; c++) {
          let winner = -1;
          for (let row = starts[i]; row < starts[i + 1]; row++) {
            if (winner < 0 || values[row * channels + c] > values[winner * channels + c]) winner = row;
          }
          expected.push(winner < 0 ? -Infinity : values[winner * channels + c]);
          if (winner >= 0) inGradient[winner * channels + c] += outGradient[i * channels + c];
        }
      });
      const x = tf.tensor2d(values, [rows, channels]);
      const dy = tf.tensor2d(outGradient, [lengths.length, channels]);
      const before = tf.memory().numTensors;
      const pooled = maxPoolSegments(x, starts);
      expect([...pooled.dataSync()]).toEqual(expected);
      const dx = tf.grad((a) => maxPoolSegments(a as tf.Tensor2D, starts))(x, dy);
      expect([...dx.dataSync()].map((v) => v + 0)).toEqual(inGradient.map((v) => v + 0));
      tf.dispose([pooled, dx]);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it("leaves no tensor behind", () => {
    const coords = Int32Array.of(0, 0, 0, 0, 0, 0, 0, 1);
    const rulebook = buildStridedRulebook(coords, { shape: [1, 1, 2], batchSize: 1, kernel: [1, 1, 2] });
    const x = tf.ones([2, 3]) as tf.Tensor2D;
    const before = tf.memory().numTensors;
    for (let pass = 0; pass < 3; pass++) {
      tf.dispose(tf.grad((a) => tf.sum(maxPoolRows(a as tf.Tensor2D, rulebook)))(x));
      tf.dispose(maxPoolRows(x, rulebook));
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

it("max pooling says what it wants", () => {
  const features = tf.zeros([2, 3]) as tf.Tensor2D;
  const coords = Int32Array.of(0, 0, 0, 0);
  const x = { features, coords, shape: [1, 1, 1], batchSize: 1 } as const;
  expect(() => sparseMaxPool(x, { kernel: [1, 1, 1] })).toThrow(
    "sparseMaxPool: expected one site [batch, z, y, x] per row of features, got 1 sites and features [2, 3]",
  );
  const rulebook = buildStridedRulebook(coords, { shape: [1, 1, 1], batchSize: 1, kernel: [1, 1, 1] });
  expect(() => maxPoolRows(features, rulebook)).toThrow("maxPoolRows: expected [1, channels] for features, got [2, 3]");
  for (const [starts, got] of [
    [[0, 1], "0 to 1"],
    [[1, 2], "1 to 2"],
    [[0, 2, 1, 2], "1 after 2"],
    [[], "undefined to undefined"],
  ] as const) {
    expect(() => maxPoolSegments(features, Int32Array.from(starts))).toThrow(
      `maxPoolSegments: expected starts that ascend from 0 to the 2 rows, got ${got}`,
    );
  }
});
