import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, normalSamples, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, it } from "vitest";
import * as arrays from "../src/index.js";
import * as ops from "../src/tfjs/index.js";

const [rows, dims] = [70, 3];
const values = Float32Array.from(normalSamples(seededRandom(81), rows * dims));
const others = Float32Array.from(normalSamples(seededRandom(82), rows), (v, i) => v + values[3 * i]);
const size = { rows, dims };
const orders = { k: 4, q: 1.7 };

/** Results are float64 numbers rounded to float32 once. */
const ROUNDED = { ofLargest: 1e-6 };

type Case = readonly [string, (x: tf.Tensor2D) => tf.Scalar, () => { value: number; gradient: Float64Array }];
const cases: readonly Case[] = [
  [
    "klEntropy",
    (x) => ops.klEntropy(x, { k: 4, norm: "max", units: "bits" }),
    () => {
      const options = { ...size, k: 4, norm: "max", units: "bits" } as const;
      const result = arrays.klEntropy(values, options);
      return { value: result.entropy, gradient: arrays.klEntropyGradient(values, result, options) };
    },
  ],
  [
    "renyiEntropy",
    (x) => ops.renyiEntropy(x, orders),
    () => {
      const result = arrays.renyiEntropy(values, { ...size, ...orders });
      return {
        value: result.entropy,
        gradient: arrays.renyiEntropyGradient(values, result, { ...size, ...orders }),
      };
    },
  ],
  [
    "tsallisEntropy",
    (x) => ops.tsallisEntropy(x, orders),
    () => {
      const result = arrays.tsallisEntropy(values, { ...size, ...orders });
      return {
        value: result.entropy,
        gradient: arrays.tsallisEntropyGradient(values, result, { ...size, ...orders }),
      };
    },
  ],
];

describe.each(["cpu", "simd"])("on the backend %s", (backend) => {
  beforeAll(async () => {
    registerSimdBackend();
    await tf.setBackend(backend);
  });

  it.each(cases)("%s has value and gradient of the arrays, scaled by what comes from above", (_, op, expected) => {
    const { value, gradient } = expected();
    const found = tf.valueAndGrad((x) => tf.mul(op(x as tf.Tensor2D), 3))(tf.tensor2d(values, [rows, dims]));
    expectClose(found.value.dataSync(), [3 * value], ROUNDED);
    const scaled = gradient.map((entry) => 3 * entry);
    expectClose(found.grad.dataSync(), scaled, ROUNDED);
  });

  it("klMutualInformation has gradients with respect to both variables", () => {
    const options = { rows, xDims: dims, yDims: 1, k: 3 };
    const result = arrays.klMutualInformation(values, others, options);
    const gradient = arrays.klMutualInformationGradient({ x: values, y: others }, result, options);
    const found = tf.valueAndGrads((x, y) => ops.klMutualInformation(x as tf.Tensor2D, y as tf.Tensor2D, { k: 3 }))([
      tf.tensor2d(values, [rows, dims]),
      tf.tensor2d(others, [rows, 1]),
    ]);
    expectClose(found.value.dataSync(), [result.information], ROUNDED);
    expectClose(found.grads[0].dataSync(), gradient.x, { ...ROUNDED, label: "by x" });
    expectClose(found.grads[1].dataSync(), gradient.y, { ...ROUNDED, label: "by y" });
  });

  it("leaves no tensor behind", () => {
    const x = tf.tensor2d(values, [rows, dims]);
    const before = tf.memory().numTensors;
    for (const [, op] of cases) tf.dispose(tf.valueAndGrad((t) => op(t as tf.Tensor2D))(x));
    expect(tf.memory().numTensors).toBe(before);
  });

  it("a larger entropy by steps along the gradient", () => {
    let x = tf.tensor2d(values, [rows, dims]) as tf.Tensor;
    const first = ops.klEntropy(x as tf.Tensor2D, { k: 4 }).dataSync()[0];
    for (let step = 0; step < 5; step++) {
      x = tf.add(x, tf.mul(tf.grad((t) => ops.klEntropy(t as tf.Tensor2D, { k: 4 }))(x), 0.1));
    }
    expect(ops.klEntropy(x as tf.Tensor2D, { k: 4 }).dataSync()[0]).toBeGreaterThan(first);
  });
});

describe("entropies of tensors", () => {
  it("refuse other tensors", () => {
    const flat = tf.tensor1d([1, 2, 3]) as unknown as tf.Tensor2D;
    expect(() => ops.klEntropy(flat, { k: 1 })).toThrow("klEntropy: expected a tensor [N,D] for x, got [3]");
    expect(() => ops.renyiEntropy(tf.zeros([3, 1], "int32"), { k: 1, q: 2 })).toThrow(
      "expected a float32 tensor for x",
    );
    expect(() => ops.klMutualInformation(tf.zeros([3, 1]), tf.zeros([4, 1]), { k: 1 })).toThrow("[3,1] for y, got 4");
  });
});
