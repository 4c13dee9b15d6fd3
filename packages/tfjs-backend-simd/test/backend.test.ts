import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { dataOf, float32Of, registerSimdBackend, resetKernelCounts, SimdBackend, simdReport } from "../src/index.js";

beforeAll(async () => {
  registerSimdBackend();
  await tf.setBackend("simd");
});

describe("registerSimdBackend", () => {
  it("can be called again and leaves one backend of its own class", () => {
    registerSimdBackend();
    expect(tf.getBackend()).toBe("simd");
    expect(tf.backend()).toBeInstanceOf(SimdBackend);
  });

  it("has every kernel of the cpu backend, and beside them the fused ones that the README lists", () => {
    const names = (backend: string) => tf.getKernelsForBackend(backend).map((kernel) => kernel.kernelName);
    const [simd, cpu] = [names("simd"), names("cpu")];
    expect(cpu.filter((name) => !simd.includes(name))).toEqual([]);
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const rows = [...readme.matchAll(/^\| `(\w+)` +\| `/gm)].map(([, name]) => name);
    expect(simd.filter((name) => !cpu.includes(name)).sort()).toEqual(rows.sort());
  });

  it("registers the gradients that tfjs-core alone does not: d relu(x)·x/dx by hand", () => {
    // x·relu(x) is x² for x > 0 and 0 else: derivative 2x and 0
    const gradient = tf.grad((x) => tf.sum(tf.mul(x, tf.relu(x))))(tf.tensor1d([3, -2]));
    expect([...gradient.dataSync()]).toEqual([6, 0]);
  });

  it("takes kernels registered later by others", () => {
    tf.registerKernel({
      kernelName: "TestTwice",
      backendName: "simd",
      kernelFunc: ({ inputs, backend }) => {
        const simd = backend as SimdBackend;
        const x = inputs.x as tf.TensorInfo;
        return simd.makeTensorInfo(
          x.shape,
          "float32",
          float32Of(simd, x).map((value) => 2 * value),
        );
      },
    });
    const x = tf.tensor1d([1, 2]);
    const y = tf.engine().runKernel("TestTwice", { x }) as tf.Tensor;
    expect([...y.dataSync()]).toEqual([2, 4]);
    tf.unregisterKernel("TestTwice", "simd");
  });
});

describe("dataOf and float32Of", () => {
  it("give the tensor's own array", () => {
    const backend = tf.backend() as SimdBackend;
    const x = tf.tensor1d([1, 2, 3]);
    expect(dataOf(backend, x)).toBe(x.dataSync());
    expect(float32Of(backend, x)).toBe(x.dataSync());
  });

  it("refuse other dtypes with their name", () => {
    const backend = tf.backend() as SimdBackend;
    expect(() => float32Of(backend, tf.tensor1d([1], "int32"))).toThrow(
      "float32Of: expected a float32 tensor for tensor, got dtype int32",
    );
    expect(() => dataOf(backend, tf.tensor1d(["a"]))).toThrow(
      "dataOf: expected a numeric tensor for tensor, got dtype string",
    );
  });
});

describe("tensors whose values are not as kernels want them", () => {
  it.each(["float32", "int32", "bool"] as const)("gatherND of no indices can be computed with, %s", (dtype) => {
    const none = tf.gatherND(tf.ones([2, 3], dtype), tf.tensor2d([], [0, 1], "int32"));
    const more = tf.concat([none, tf.ones([1, 3], dtype)], 0);
    expect([more.shape, more.dtype, [...more.dataSync()]]).toEqual([[1, 3], dtype, [1, 1, 1]]);
    expect(tf.transpose(none).shape).toEqual([3, 0]);
    const sum = tf.sum(tf.cast(none, "float32"));
    expect([...sum.dataSync()]).toEqual([0]);
  });

  it("a tensor without entries that `cpu` made comes along", async () => {
    await tf.setBackend("cpu");
    const none = tf.concat([tf.zeros([0, 2]), tf.zeros([0, 2])], 0);
    await tf.setBackend("simd");
    expect([...tf.concat([none, tf.ones([1, 2])], 0).dataSync()]).toEqual([1, 1]);
  });

  it("memory that is shared or resizable is copied", () => {
    const numbers = [1, 2, 3, 4];
    const shared = new Float32Array(new SharedArrayBuffer(16));
    const Resizable = ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer;
    for (const values of [shared, new Float32Array(new Resizable(16, { maxByteLength: 32 }))]) {
      values.set(numbers);
      const x = tf.tensor2d(values, [2, 2]);
      expect([...tf.matMul(x, x).dataSync()]).toEqual([7, 10, 15, 22]);
      values.fill(0);
      expect([...tf.add(x, 1).dataSync()]).toEqual([2, 3, 4, 5]);
    }
  });
});

describe("simdReport", () => {
  it("names the layer and counts calls here and on the stock implementation", () => {
    resetKernelCounts();
    tf.matMul(tf.ones([2, 2]), tf.ones([2, 2]));
    tf.matMul(tf.ones([2, 2], "int32"), tf.ones([2, 2], "int32"));
    const report = simdReport();
    expect(["native", "wasm", "typescript"]).toContain(report.layer);
    expect(report.threads).toBeGreaterThan(0);
    expect(report.kernels.BatchMatMul).toEqual({ here: 1, stock: 1 });
    expect(report.stockKernels).toContain("BatchMatMul");
  });
});

describe("precision", () => {
  const backend = () => tf.backend() as SimdBackend;
  afterEach(() => {
    backend().precision = "float32";
  });
  // 1 + 2⁻⁹ takes ten bits: as bfloat16 it is 1.
  const fine = 1 + 2 ** -9;
  const image = () => tf.tensor4d([fine], [1, 1, 1, 1]);
  const one = () => tf.tensor4d([1], [1, 1, 1, 1]);
  const matrix = (value: number) => tf.tensor2d([value], [1, 1]);
  const map = { taps: 1, starts: Int32Array.of(0, 1), inputs: Int32Array.of(0), outputs: Int32Array.of(0) };
  const sparse = (name: string, inputs: tf.NamedTensorMap) =>
    tf.engine().runKernel(name, inputs, { map, inRows: 1, outRows: 1 }) as tf.Tensor;
  const weights = () => tf.tensor3d([1], [1, 1, 1]);
  const weightGradient = (cin: number, cout: number) =>
    sparse("SparseConvolutionWeightGrad", { features: tf.fill([1, cin], fine), dOut: tf.ones([1, cout]) });
  const layers: Readonly<Record<string, () => tf.Tensor>> = {
    "a convolution": () => tf.conv2d(image(), one(), 1, "same"),
    "its filter": () => tf.conv2d(one(), image(), 1, "same"),
    "its gradient to the input": () => tf.grad((x) => tf.conv2d(x as tf.Tensor4D, image(), 1, "same"))(one()),
    "its gradient to the filter": () => tf.grad((w) => tf.conv2d(image(), w as tf.Tensor4D, 1, "same"))(one()),
    "a transposed convolution": () => tf.conv2dTranspose(image(), one(), [1, 1, 1, 1], 1, "same"),
    "a fused convolution": () => tf.fused.conv2d({ x: image(), filter: one(), strides: 1, pad: "same" }),
    "a fused matrix product": () => tf.fused.matMul({ a: matrix(fine), b: matrix(1) }),
    "a sparse convolution": () => sparse("SparseConvolution", { features: matrix(fine), weights: weights() }),
    "its gradient to the features": () =>
      sparse("SparseConvolutionFeatureGrad", { dOut: matrix(fine), weights: weights() }),
    "its gradient to the weights": () => weightGradient(32, 32),
  };

  it.each(Object.keys(layers))("bfloat16 rounds the operands of %s, float32 does not", (name) => {
    const value = () => layers[name]().dataSync()[0];
    expect(value()).toBe(fine);
    backend().precision = "bfloat16";
    expect(value()).toBe(1);
  });

  it.each([
    [31, 32],
    [32, 16],
  ])("bfloat16 leaves the weight gradient of a sparse convolution from %i to %i channels alone", (cin, cout) => {
    backend().precision = "bfloat16";
    expect(weightGradient(cin, cout).dataSync()[0]).toBe(fine);
  });

  it("bfloat16 leaves matrix products and elementwise operations alone", () => {
    backend().precision = "bfloat16";
    expect(tf.matMul(matrix(fine), matrix(1)).dataSync()[0]).toBe(fine);
    expect(tf.mul(matrix(fine), matrix(1)).dataSync()[0]).toBe(fine);
  });
});
