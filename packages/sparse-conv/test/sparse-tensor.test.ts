import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { randomFloats, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, it } from "vitest";
import { type SparseTensor3D, type Triple, toBev, toDense } from "../src/index.js";
import { scatter } from "./dense-grid.js";
import { randomSites } from "./random-sites.js";

beforeAll(() => registerSimdBackend());

describe.each(["cpu", "simd"])("sparse to dense on %s", (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
    expect(tf.getBackend()).toBe(backend);
  });

  it("two sites by hand", () => {
    // channels 1, 2 at z = 1 of pixel (0, 0) and 3, 4 at z = 0 of pixel (0, 1)
    const sparse: SparseTensor3D = {
      features: tf.tensor2d([1, 2, 3, 4], [2, 2]),
      coords: Int32Array.of(0, 1, 0, 0, 0, 0, 0, 1),
      shape: [2, 1, 2],
      batchSize: 1,
    };
    const dense = toDense(sparse);
    expect(dense.shape).toEqual([1, 2, 1, 2, 2]);
    expect([...dense.dataSync()]).toEqual([0, 0, 3, 4, 1, 2, 0, 0]);
    const bev = toBev(sparse);
    expect(bev.shape).toEqual([1, 1, 2, 4]);
    // channel c·2 + z: pixel 0 has c0 z0, c0 z1, c1 z0, c1 z1 = 0, 1, 0, 2
    expect([...bev.dataSync()]).toEqual([0, 1, 0, 2, 3, 0, 4, 0]);
  });

  it.each([
    { shape: [3, 4, 5], batchSize: 2, density: 0.3, channels: 3 },
    { shape: [1, 4, 5], batchSize: 2, density: 0.5, channels: 1 },
    { shape: [2, 3, 2], batchSize: 25, density: 0.3, channels: 7 },
    { shape: [2, 2, 2], batchSize: 1, density: 1, channels: 2 },
    { shape: [2, 3, 2], batchSize: 2, density: 0, channels: 4 },
    { shape: [2, 3, 2], batchSize: 0, density: 1, channels: 4 },
  ] as const)("equals dense loops, and the gradient reads back, %j", ({ shape, batchSize, density, channels }) => {
    const rng = seededRandom(5);
    const coords = randomSites(rng, { shape, batchSize, density });
    const rows = coords.length / 4;
    const values = randomFloats(rng, rows * channels);
    const features = tf.tensor2d(values, [rows, channels]);
    const expected = scatter(values, coords, { shape, batchSize, channels });
    const dense = (x: tf.Tensor) => toDense({ features: x as tf.Tensor2D, coords, shape, batchSize });
    const bev = (x: tf.Tensor) => toBev({ features: x as tf.Tensor2D, coords, shape, batchSize });

    expect([...dense(features).dataSync()]).toEqual([...expected]);
    expect([...bev(features).dataSync()]).toEqual(toChannelMajor(expected, [batchSize, ...shape, channels]));

    // What was scattered comes back: the gradient at sites of an output gradient that holds the features there.
    const [depth, height, width] = shape;
    const denseGradient = tf.tensor(
      Float32Array.from(expected, (v) => v || 9),
      [batchSize, ...shape, channels],
    );
    const dx = tf.grad(dense)(features, denseGradient);
    expect([...dx.dataSync()]).toEqual([...values]);
    const bevGradient = tf.tensor(
      toChannelMajor(expected, [batchSize, ...shape, channels]).map((v) => v || 9),
      [batchSize, height, width, channels * depth],
      "float32",
    );
    expect([...tf.grad(bev)(features, bevGradient).dataSync()]).toEqual([...values]);
  });

  it("leaves no tensor behind", () => {
    const coords = Int32Array.of(0, 1, 0, 0, 0, 0, 0, 1);
    const features = tf.ones([2, 3]) as tf.Tensor2D;
    const sparse: SparseTensor3D = { features, coords, shape: [2, 1, 2], batchSize: 1 };
    const before = tf.memory().numTensors;
    for (const make of [toDense, toBev]) {
      tf.dispose(make(sparse));
      tf.dispose(tf.grad((x) => tf.sum(make({ ...sparse, features: x as tf.Tensor2D })))(features));
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

/** [b, z, y, x, c] to [b, y, x, c·D + z], entry by entry. */
function toChannelMajor(dense: Float64Array, [batches, depth, height, width, channels]: number[]): number[] {
  const map = new Array(dense.length).fill(0);
  let from = 0;
  for (let b = 0; b < batches; b++)
    for (let z = 0; z < depth; z++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          for (let c = 0; c < channels; c++) {
            map[((b * height + y) * width + x) * channels * depth + c * depth + z] = dense[from];
            from++;
          }
  return map;
}

it.each([toDense, toBev])("%o says what it wants", (make) => {
  const features = tf.zeros([1, 2]) as tf.Tensor2D;
  const good: SparseTensor3D = { features, coords: new Int32Array(4), shape: [1, 1, 1], batchSize: 1 };
  expect(() => make({ ...good, coords: new Int32Array(8) })).toThrow(
    `${make.name}: expected one site [batch, z, y, x] per row of features, got 2 sites and features [1, 2]`,
  );
  expect(() => make({ ...good, coords: Int32Array.of(0, 0, 1, 0) })).toThrow(
    `${make.name}: expected batch < 1 and cells within [1, 1, 1] in coords, got [0, 0, 1, 0] in row 0`,
  );
  expect(() => make({ ...good, features: tf.zeros([2, 1]), coords: new Int32Array(8) })).toThrow(
    `${make.name}: expected every site once in coords, got [0, 0, 0, 0] in rows 0 and 1`,
  );
  const shape: Triple = [41, 6400, 5632];
  expect(() => make({ ...good, shape })).toThrow(
    `${make.name}: expected a dense result of less than 2^31 entries, got [1, 41, 6400, 5632, 2]`,
  );
});
