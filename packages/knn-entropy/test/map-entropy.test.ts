import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectGradient, normalSamples, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, it } from "vitest";
import { authorEntropy as authorOracle, klEntropy } from "../src/index.js";
import {
  authorEntropy,
  authorEntropyOnArrays,
  authorEntropyOnTensors,
  klEntropyOnArrays,
  klEntropyOnTensors,
  klEntropyPerDimension,
} from "../src/tfjs/index.js";

/** Float32 result of float64 arithmetic; the tensor form sums in float32. */
const VALUE = 5e-7;
/** By L2 norm: a neighbour chosen otherwise would move whole rows. */
const GRADIENT = 1e-5;

const [images, height, width, channels] = [2, 5, 4, 23];
const positions = height * width;
const values = Float32Array.from(normalSamples(seededRandom(21), images * positions * channels), (v) => Math.max(0, v));

/** One image as rows of samples, straight from the definition. */
function samplesOf(map: Float32Array, image: number): Float32Array {
  return Float32Array.from({ length: channels * positions }, (_, i) => {
    const [c, p] = [Math.floor(i / positions), i % positions];
    return map[(image * positions + p) * channels + c];
  });
}

const size = { rows: channels, dims: positions };
const klValue = (map: Float32Array, k: number) =>
  [0, 1].reduce((sum, b) => sum + klEntropy(samplesOf(map, b), { ...size, k }).entropyPerDimension / 2, 0);
const authorValue = (map: Float32Array) =>
  authorOracle(Float32Array.from([...samplesOf(map, 0), ...samplesOf(map, 1)]), { ...size, images }).entropy;

type Op = (x: tf.Tensor4D) => tf.Scalar;
const forms: [string, string, Op, Op][] = [
  ["cpu", "arrays", (x) => klEntropyOnArrays(x), authorEntropyOnArrays],
  ["cpu", "tensors", (x) => klEntropyOnTensors(x), authorEntropyOnTensors],
  ["simd", "arrays", (x) => klEntropyOnArrays(x), authorEntropyOnArrays],
  ["simd", "tensors", (x) => klEntropyOnTensors(x), authorEntropyOnTensors],
  ["simd", "its kernels", (x) => klEntropyPerDimension(x), authorEntropy],
  ["cpu", "default", (x) => klEntropyPerDimension(x), authorEntropy],
];

describe.each(forms)("on %s by %s", (backend, _, kl, author) => {
  beforeAll(async () => {
    registerSimdBackend();
    await tf.setBackend(backend);
  });
  const map = () => tf.tensor4d(values, [images, height, width, channels]);

  it("values are those of the float64 estimators", () => {
    expect(Math.abs(kl(map()).dataSync()[0] - klValue(values, 2))).toBeLessThan(VALUE * 3);
    expect(Math.abs(author(map()).dataSync()[0] - authorValue(values))).toBeLessThan(VALUE * 6);
  });

  it.each([
    ["kl", kl, (m: Float32Array) => klValue(m, 2)],
    ["author", author, authorValue],
  ] as const)("%s: gradient of central differences, scaled by what comes from above", (_name, op, value) => {
    const gradient = tf
      .grad((x) => tf.mul(op(x as tf.Tensor4D), 3))(map())
      .dataSync();
    const scaled = (moved: Float64Array) => 3 * value(Float32Array.from(moved));
    // the step is exact in float32 beside values near 1
    expectGradient(gradient, scaled, { at: values, step: 2 ** -12, every: 37, absolute: 1e-5, relative: 1e-3 });
  });

  it("author: fewer than ten channels give radii of 0.1 and a zero gradient", () => {
    const tap = tf.ones([2, 3, 3, 4]) as tf.Tensor4D;
    expect(author(tap).dataSync()[0]).toBeCloseTo(Math.log(1 + 0.1 * 8), 6);
    expect(
      [
        ...tf
          .grad((x) => author(x as tf.Tensor4D))(tap)
          .dataSync(),
      ].every((g) => g === 0),
    ).toBe(true);
  });

  it("kl: equal channels are floored and have no gradient", () => {
    const tap = tf.ones([1, 3, 3, 12]) as tf.Tensor4D;
    expect(
      tf
        .grad((x) => kl(x as tf.Tensor4D))(tap)
        .dataSync()
        .every((g) => g === 0),
    ).toBe(true);
    expect(kl(tap).dataSync()[0]).toBeLessThan(-10);
  });

  it("leaves no tensor behind", () => {
    const x = map();
    const before = tf.memory().numTensors;
    tf.dispose(tf.valueAndGrad((t) => kl(t as tf.Tensor4D))(x));
    tf.dispose(tf.valueAndGrad((t) => author(t as tf.Tensor4D))(x));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe.each(["cpu", "simd"])("klEntropyOnTensors on %s", (backend) => {
  beforeAll(async () => {
    registerSimdBackend();
    await tf.setBackend(backend);
  });
  const both = (x: tf.Tensor, options: { readonly k: number; readonly floor?: number }) =>
    [klEntropyOnTensors, klEntropyOnArrays].map((op) => {
      const { value, grad } = tf.valueAndGrad((t) => op(t, options))(x);
      return { value: value.dataSync()[0], gradient: [...grad.dataSync()] };
    });

  it("a sample is not its own neighbour where squares are so large that 1 more is the same float32", () => {
    // k = N − 1 takes the farthest sample: the squares are 1e10 · (5, 13, 26)
    const x = tf.tensor3d([0, 0, 1e5, 2e5, -2e5, 3e5, 5e5, 1e5], [1, 4, 2]);
    for (const k of [1, 2, 3]) {
      const [tensors, arrays] = both(x, { k });
      expect(Math.abs(tensors.value - arrays.value)).toBeLessThan(2e-6); // float32 at 13
      const apart = tensors.gradient.map((g, i) => g - arrays.gradient[i]);
      expect(Math.hypot(...apart)).toBeLessThan(GRADIENT * Math.hypot(...arrays.gradient));
    }
  });

  it("a radius of 0 has no gradient without a floor, and the others keep theirs", () => {
    const x = tf.tensor3d([0, 0, 1, 1, 1, 1, 5, 7], [1, 4, 2]);
    const [tensors, arrays] = both(x, { k: 1, floor: 0 });
    expect([tensors.value, arrays.value]).toEqual([-Infinity, -Infinity]);
    tensors.gradient.forEach((g, i) => {
      expect(Math.abs(g - arrays.gradient[i])).toBeLessThan(1e-7);
    });
  });
});

describe("klEntropyPerDimension", () => {
  it("all forms agree on a map large enough for matrix products, in both layouts", async () => {
    await tf.setBackend("simd");
    const x = tf.tensor4d(
      Float32Array.from(normalSamples(seededRandom(8), 2 * 144 * 40), (v) => Math.max(0, v)),
      [2, 12, 12, 40],
    );
    const rows = tf.transpose(tf.reshape(x, [2, 144, 40]), [0, 2, 1]) as tf.Tensor3D;
    const [arrays, kernels, tensors] = [klEntropyOnArrays, klEntropyPerDimension, klEntropyOnTensors].map((op) => {
      const inColumns = tf.valueAndGrad((t) => op(t as tf.Tensor4D))(x as tf.Tensor);
      const inRows = tf.valueAndGrad((t) => op(t as tf.Tensor3D))(rows as tf.Tensor);
      const back = tf.reshape(tf.transpose(inRows.grad, [0, 2, 1]), [2, 12, 12, 40]);
      return {
        values: [inColumns.value.dataSync()[0], inRows.value.dataSync()[0]],
        gradients: [inColumns.grad.dataSync(), back.dataSync()],
      };
    });
    expect(arrays.values[1]).toBe(arrays.values[0]);
    expect(arrays.gradients[1]).toEqual(arrays.gradients[0]);
    expect(kernels).toEqual(arrays); // the same float64 work, bit for bit
    const size = Math.hypot(...arrays.gradients[0]);
    for (const layout of [0, 1]) {
      expect(Math.abs(tensors.values[layout] - arrays.values[0])).toBeLessThan(3 * VALUE);
      const apart = tensors.gradients[layout].map((g, i) => g - arrays.gradients[0][i]);
      expect(Math.hypot(...apart)).toBeLessThan(GRADIENT * size);
    }
  });

  it("refuses other tensors", () => {
    expect(() => klEntropyPerDimension(tf.zeros([2, 3]) as unknown as tf.Tensor3D)).toThrow("for x, got [2,3]");
    expect(() => klEntropyPerDimension(tf.zeros<tf.Rank.R3>([1, 2, 2], "int32"))).toThrow("expected a float32 tensor");
    expect(() => klEntropyPerDimension(tf.zeros<tf.Rank.R4>([1, 2, 2, 4]), { k: 4 })).toThrow(
      "expected an integer in 1..3 for k, got 4",
    );
  });
});
