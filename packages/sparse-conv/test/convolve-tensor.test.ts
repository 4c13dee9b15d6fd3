import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectGradient, randomFloats, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, it } from "vitest";
import {
  buildStridedRulebook,
  buildSubmanifoldRulebook,
  type SparseTensor3D,
  stridedConvolution,
  submanifoldConvolution,
  toBev,
  toDense,
} from "../src/index.js";
import { randomSites } from "./random-sites.js";

beforeAll(() => registerSimdBackend());

const SHAPE = [4, 5, 6] as const;

function randomTensor(seed: number, channels: number, density = 0.3): SparseTensor3D {
  const rng = seededRandom(seed);
  const coords = randomSites(rng, { shape: SHAPE, batchSize: 2, density });
  const rows = coords.length / 4;
  const features = tf.tensor2d(randomFloats(rng, rows * channels), [rows, channels]);
  return { features, coords, shape: SHAPE, batchSize: 2 };
}

function randomWeights(seed: number, shape: [number, number, number, number, number]): tf.Tensor5D {
  const count = shape.reduce((a, b) => a * b);
  return tf.tensor(randomFloats(seededRandom(seed), count), shape) as tf.Tensor5D;
}

function largest(x: tf.Tensor): number {
  return tf.max(tf.abs(x)).dataSync()[0];
}

describe.each(["cpu", "simd"])("convolution of sparse tensors on %s", (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
    expect(tf.getBackend()).toBe(backend);
  });

  it("strided: dense in, dense out is tf.conv3d", () => {
    const x = randomTensor(1, 3);
    const w = randomWeights(2, [3, 3, 3, 3, 4]);
    const y = stridedConvolution(x, w, { stride: [2, 2, 2], padding: [1, 1, 1] });
    expect(y.shape).toEqual([2, 3, 3]);
    const padded = tf.pad(toDense(x), [
      [0, 0],
      [1, 1],
      [1, 1],
      [1, 1],
      [0, 0],
    ]) as tf.Tensor5D;
    const expected = tf.conv3d(padded, w, 2, "valid");
    expect(largest(expected)).toBeGreaterThan(1);
    expect(largest(tf.sub(toDense(y), expected))).toBeLessThan(1e-5);
  });

  it("submanifold: tf.conv3d at the sites, nothing elsewhere", () => {
    const x = randomTensor(3, 3);
    const w = randomWeights(4, [3, 3, 3, 3, 4]);
    const y = submanifoldConvolution(x, w);
    expect([y.coords, y.shape, y.batchSize]).toEqual([x.coords, x.shape, 2]);
    const occupied = toDense({ ...x, features: tf.ones([x.coords.length / 4, 1]) });
    const expected = tf.mul(tf.conv3d(toDense(x), w, 1, "same"), occupied);
    expect(largest(expected)).toBeGreaterThan(1);
    expect(largest(tf.sub(toDense(y), expected))).toBeLessThan(1e-5);
  });

  it("gradients of features and weights through two layers and the map, against central differences", () => {
    const x = randomTensor(5, 2);
    const first = randomWeights(6, [3, 3, 3, 2, 2]);
    const second = randomWeights(7, [3, 1, 2, 2, 3]);
    const weighting = tf.tensor(randomFloats(seededRandom(8), 2 * 5 * 5 * 3), [2, 5, 5, 3]);
    // Linear in each argument: central differences are exact but for rounding, so the step may be a whole one.
    const loss = (features: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => {
      const hidden = submanifoldConvolution({ ...x, features: features as tf.Tensor2D }, a as tf.Tensor5D);
      const out = stridedConvolution(hidden, b as tf.Tensor5D, { stride: [2, 1, 1] });
      return tf.sum(tf.mul(toBev(out), weighting)) as tf.Scalar;
    };
    const args = [x.features, first, second] as tf.Tensor[];
    const gradients = tf.grads(loss as (...xs: tf.Tensor[]) => tf.Tensor)(args);
    for (const [position, gradient] of gradients.entries()) {
      expect(largest(gradient)).toBeGreaterThan(0.1);
      const at = args[position].dataSync();
      const lossAt = (moved: Float64Array) => {
        const [a, b, c] = args.with(position, tf.tensor(Float32Array.from(moved), args[position].shape));
        return loss(a, b, c).dataSync()[0];
      };
      // Sums of some hundred products: 5e-4 is a few rounding steps of the loss.
      const check = { at, step: 1, every: Math.ceil(at.length / 40), absolute: 5e-4, label: `argument ${position}` };
      expectGradient(gradient.dataSync(), lossAt, check);
    }
  });

  it("no site: no row, and gradients of zero", () => {
    const x = randomTensor(9, 3, 0);
    const w = randomWeights(10, [3, 3, 3, 3, 4]);
    for (const convolve of [submanifoldConvolution, stridedConvolution]) {
      expect(convolve(x, w).features.shape).toEqual([0, 4]);
      const [dx, dw] = tf.grads((a: tf.Tensor, b: tf.Tensor) =>
        tf.sum(convolve({ ...x, features: a as tf.Tensor2D }, b as tf.Tensor5D).features),
      )([x.features, w]);
      expect(dx.shape).toEqual([0, 3]);
      expect(dw.shape).toEqual(w.shape);
      expect([...dw.dataSync()].every((v) => v === 0)).toBe(true);
    }
    expect([...toBev(x).dataSync()].every((v) => v === 0)).toBe(true);
  });

  it("leaves only its results behind", () => {
    const x = randomTensor(11, 3);
    const w = randomWeights(12, [3, 3, 3, 3, 4]);
    const before = tf.memory().numTensors;
    const results = [submanifoldConvolution(x, w).features, stridedConvolution(x, w, { padding: [1, 1, 1] }).features];
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose(results);
  });
});

it("is the convolution of rows with the rulebook of its sites", () => {
  const x = randomTensor(13, 3);
  const options = { shape: SHAPE, batchSize: 2, kernel: [3, 3, 3] } as const;
  const w = randomWeights(14, [3, 3, 3, 3, 4]);
  const strided = buildStridedRulebook(x.coords, { ...options, dilation: [1, 2, 2] });
  expect(stridedConvolution(x, w, { dilation: [1, 2, 2] }).coords).toEqual(strided.outputCoords);
  expect(buildSubmanifoldRulebook(x.coords, options).outputCoords).toBe(submanifoldConvolution(x, w).coords);
});

it("convolutions say what they want", () => {
  const x = { ...randomTensor(15, 3), features: tf.zeros([1, 3]) as tf.Tensor2D };
  const w = randomWeights(16, [1, 1, 1, 3, 4]);
  for (const convolve of [submanifoldConvolution, stridedConvolution]) {
    expect(() => convolve(x, w)).toThrow(
      `${convolve.name}: expected one site [batch, z, y, x] per row of features, got ${x.coords.length / 4} sites and features [1, 3]`,
    );
  }
});
