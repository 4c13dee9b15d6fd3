import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { ArrayPool } from "../src/array-pool.js";
import { registerSimdBackend, type SimdBackend } from "../src/index.js";

beforeAll(async () => {
  registerSimdBackend();
  await tf.setBackend("simd");
});

const backend = () => tf.backend() as SimdBackend;

/** Entries of a tensor whose array comes from the pool: above the size below which arrays are not pooled. */
const SIZE = 20000;

/** Makes tensors full of NaN and frees them, so that what is allocated next holds NaN until it is written. */
function poison(): void {
  tf.tidy(() => {
    for (const size of [SIZE, SIZE / 2, 2 * SIZE]) for (let i = 0; i < 4; i++) tf.mul(tf.ones([size]), Number.NaN);
  });
}

describe("memory of freed tensors", () => {
  it("is used again: a loop that frees what it makes takes no more memory than its first pass", () => {
    const x = tf.ones([SIZE]);
    const pass = () => tf.tidy(() => tf.mul(tf.add(x, 1), tf.sub(x, 3)).shape);
    pass();
    const { inUse, free } = backend().poolUse;
    for (let i = 0; i < 50; i++) pass();
    expect(backend().poolUse).toEqual({ inUse, free });
    expect(free).toBeGreaterThanOrEqual(3 * 4 * SIZE);
  });

  it("belongs to the reader once it was read", () => {
    const x = tf.add(tf.ones([SIZE]), 1);
    const read = x.dataSync();
    x.dispose();
    poison();
    expect(read.every((value) => value === 2)).toBe(true);
  });

  it("lives as long as the last slice of it", () => {
    const x = tf.add(tf.ones([2, SIZE]), 1);
    const part = tf.slice(x, [1, 0], [1, SIZE]);
    x.dispose();
    poison();
    expect(part.dataSync().every((value) => value === 2)).toBe(true);
  });
});

describe("what is free", () => {
  /** A pool and the lengths that it had to make. Nobody writes these arrays, so they take no memory. */
  function openPool() {
    const made: number[] = [];
    const pool = new ArrayPool((length) => {
      made.push(length);
      return new Float32Array(length);
    });
    /** Layer after layer, of which each reads the one before. */
    const pass = (lengths: readonly number[]) => {
      let before: Float32Array | undefined;
      for (const length of lengths) {
        const values = pool.take(length);
        pool.retain(values);
        if (before) pool.release(before);
        before = values;
      }
      if (before) pool.release(before);
    };
    return { pool, made, pass };
  }

  it("waits for the next frame, though only two layers of it are in use at once", () => {
    const { made, pass } = openPool();
    const layers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((size) => size * 2 ** 20);
    pass(layers);
    const first = made.length;
    pass(layers);
    expect(made.length).toBe(first);
  });

  it("is bounded: above 256 MiB, half as much again as was ever in use", () => {
    const { pool, pass } = openPool();
    const sizes = Array.from({ length: 60 }, (_, i) => (20 + i) * 2 ** 18); // 20 to 79 MiB
    const mostInUse = 4 * 2 * 80 * 2 ** 18;
    for (const size of sizes) {
      pass([size, size]);
      expect(pool.use.free).toBeLessThanOrEqual(2 ** 28 + 4 * 80 * 2 ** 18);
      expect(pool.use.free).toBeLessThanOrEqual(Math.max(2 ** 28, 1.5 * mostInUse));
    }
    expect(pool.use.free).toBeGreaterThan(2 ** 27);
    expect(pool.use.inUse).toBe(0);
  });
});

describe("no result depends on what its memory held before", () => {
  const a = () => tf.randomNormal([100, SIZE / 100], 0, 1, "float32", 1);
  const image = () => tf.randomNormal([1, 25, 25, 32], 0, 1, "float32", 2) as tf.Tensor4D;
  const filter = () => tf.randomNormal([3, 3, 32, 32], 0, 1, "float32", 3) as tf.Tensor4D;
  const cases: Record<string, () => tf.Tensor> = {
    add: () => tf.add(a(), tf.ones([SIZE / 100])),
    addN: () => tf.addN([a(), a(), a()]),
    relu: () => tf.relu(a()),
    sigmoid: () => tf.sigmoid(a()),
    softmax: () => tf.softmax(a()),
    where: () => tf.where(tf.greater(a(), 0), a(), tf.zerosLike(a())),
    pow: () => tf.pow(tf.abs(a()), tf.scalar(2)),
    matMul: () => tf.matMul(a(), a(), true, false),
    "matMul of nothing": () => tf.matMul(tf.zeros([150, 0]), tf.zeros([0, 150])),
    conv2d: () => tf.conv2d(image(), filter(), 1, "same"),
    "conv2d to its input": () =>
      tf.grad((x) => tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, filter(), 2, "valid"))))(image()),
    "conv2d to its filter": () =>
      tf.grad((w) => tf.sum(tf.square(tf.conv2d(image(), w as tf.Tensor4D, 1, 1))))(filter()),
    transpose: () => tf.transpose(a()),
    slice: () => tf.slice(a(), [0, 3], [100, 150]),
    pad: () =>
      tf.pad(
        a(),
        [
          [3, 3],
          [0, 5],
        ],
        0,
      ),
    concat: () => tf.concat([a(), a()], 1),
    tile: () => tf.tile(a(), [1, 2]),
    reverse: () => tf.reverse(a(), 0),
    gather: () => tf.gather(a(), tf.tensor1d([5, 5, 99, 0], "int32")),
    "gather to its rows": () =>
      tf.grad((x) => tf.sum(tf.square(tf.gather(x, tf.tensor1d([5, 5, 99, 0], "int32")))))(a()),
    "segment sum of nothing": () => tf.unsortedSegmentSum(tf.zeros([0, 200]), tf.tensor1d([], "int32"), 100),
  };

  it.each(Object.keys(cases))("%s", (name) => {
    const run = () => tf.tidy(() => cases[name]().dataSync());
    const first = run();
    poison();
    expect(run()).toEqual(first);
    expect(first.every(Number.isFinite)).toBe(true);
  });
});
