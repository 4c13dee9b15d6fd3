import * as tf from "@tensorflow/tfjs-core";
import { seededRandom } from "test-support";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { registerSimdBackend } from "../src/index.js";
import { batchNormRelu, convNet, convNetShapes, plainBatchNormRelu } from "./conv-net.js";
import { distance, forwardOn, gradientsOn, type Op, randomPlain } from "./on-backend.js";

beforeAll(() => registerSimdBackend());

beforeEach(async () => {
  await tf.setBackend("simd");
});

describe("convolution by hand", () => {
  it("slides a 2×2 filter over a 3×3 image", () => {
    // 1 2 3      1 0     1+5 2+6
    // 4 5 6  by  0 1  =  4+8 5+9
    // 7 8 9
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
    const filter = tf.tensor4d([1, 0, 0, 1], [2, 2, 1, 1]);
    expect([...tf.conv2d(x, filter, 1, "valid").dataSync()]).toEqual([6, 8, 12, 14]);
  });

  it("counts in the gradient of the input how many outputs see each pixel", () => {
    // d Σ out / d x with a filter of ones: corners are seen once, edges twice, the middle four times
    const ones = tf.ones<tf.Rank.R4>([2, 2, 1, 1]);
    const gradient = tf.grad((x) => tf.sum(tf.conv2d(x as tf.Tensor4D, ones, 1, "valid")));
    expect([...gradient(tf.ones<tf.Rank.R4>([1, 3, 3, 1])).dataSync()]).toEqual([1, 2, 1, 2, 4, 2, 1, 2, 1]);
  });

  it("pads four sides by one at stride 2, unlike `same`", () => {
    // 4×4 image of ones: with one zero around, the windows of a 3×3 filter start at -1 and 1
    const x = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
    const filter = tf.ones<tf.Rank.R4>([3, 3, 1, 1]);
    const sides: tf.backend_util.ExplicitPadding = [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ];
    expect([...tf.conv2d(x, filter, 2, sides).dataSync()]).toEqual([4, 6, 6, 9]);
    expect([...tf.conv2d(x, filter, 2, "same").dataSync()]).toEqual([9, 6, 6, 4]);
  });
});

describe("segment sum by hand", () => {
  it("adds rows by id and ignores ids outside", () => {
    const x = tf.tensor2d([
      [1, 2],
      [10, 20],
      [100, 200],
      [1000, 2000],
    ]);
    const sums = tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2, 9], "int32"), 3);
    expect([...sums.dataSync()]).toEqual([10, 20, 0, 0, 101, 202]);
  });
});

describe("a small net of convolutions and fused batch norm", () => {
  const rng = seededRandom(7);
  const inputs = convNetShapes.map((shape) => randomPlain(rng, shape, [-1, 1]));

  it("has the gradients that central differences measure", async () => {
    const [step, tolerance] = [1e-2, 1e-2]; // float32 loss: differences carry about 1e-7 / step of noise, and step² of bias
    const gradients = await gradientsOn("simd", convNet as Op, inputs, {
      values: Float32Array.of(1),
      shape: [],
      dtype: "float32",
    });
    const lossAt = async (which: number, at: number, change: number) => {
      const moved = inputs.map((plain) => ({ ...plain, values: plain.values.slice() }));
      moved[which].values[at] += change;
      return (await forwardOn("simd", convNet as Op, moved))[0].values[0];
    };
    for (let which = 0; which < inputs.length; which++) {
      const scale = Math.max(...gradients[which].values.map(Math.abs));
      for (const at of [0, Math.floor(inputs[which].values.length / 2), inputs[which].values.length - 1]) {
        const measured = ((await lossAt(which, at, step)) - (await lossAt(which, at, -step))) / (2 * step);
        expect(Math.abs(measured - gradients[which].values[at]), `input ${which} entry ${at}`).toBeLessThan(
          tolerance * scale,
        );
      }
    }
  });

  it.each([true, false])("has fused batch norm (ReLU %s) equal to stock ops, forward and backward", async (relu) => {
    const fused: Op = (x, gamma, beta) =>
      batchNormRelu(x as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D, relu);
    const plain: Op = (x, gamma, beta) =>
      plainBatchNormRelu(x as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D, relu);
    for (const channels of [1, 3, 7, 40]) {
      const values = [[3, 5, 6, channels], [channels], [channels]].map((shape) => randomPlain(rng, shape));
      const [actual] = await forwardOn("simd", fused, values);
      const [expected] = await forwardOn("cpu", plain, values);
      expect(distance(actual, expected)).toBeLessThan(5e-6);
      const dy = randomPlain(rng, [3, 5, 6, channels]);
      const actualGradients = await gradientsOn("simd", fused, values, dy);
      const expectedGradients = await gradientsOn("cpu", plain, values, dy);
      expectedGradients.forEach((gradient, i) => {
        expect(distance(actualGradients[i], gradient), `gradient ${i}, ${channels} channels`).toBeLessThan(1e-5);
      });
    }
  });

  it("has scale, shift and ReLU in one kernel", () => {
    const x = tf.tensor2d([
      [1, -2],
      [-3, 4],
    ]);
    const y = (relu: boolean) =>
      tf
        .engine()
        .runKernel(
          "ScaleShiftRelu",
          { x, scale: tf.tensor1d([2, 3]), shift: tf.tensor1d([1, -1]) },
          { relu },
        ) as tf.Tensor;
    expect([...y(false).dataSync()]).toEqual([3, -7, -5, 11]);
    expect([...y(true).dataSync()]).toEqual([3, 0, 0, 11]);
  });

  it("refuses other dtypes in the fused kernels, which have no stock implementation", () => {
    const x = tf.ones([2, 2], "int32");
    const call = () =>
      tf.engine().runKernel("ScaleShiftRelu", { x, scale: tf.ones([2]), shift: tf.ones([2]) }, { relu: false });
    expect(call).toThrow("float32Of: expected a float32 tensor for tensor, got dtype int32");
  });
});

describe("memory", () => {
  it("stays flat over forward and backward passes, and everything is released", () => {
    const backend = tf.backend();
    const before = { tensors: tf.memory().numTensors, buffers: backend.numDataIds() };
    const rng = seededRandom(3);
    const inputs = convNetShapes.map((shape) => {
      const { values } = randomPlain(rng, shape);
      return tf.tensor(values, [...shape]);
    });
    const counts = Array.from({ length: 6 }, () => {
      const { value, grads } = tf.valueAndGrads(convNet)(inputs);
      value.dispose();
      for (const gradient of grads) gradient.dispose();
      return `${tf.memory().numTensors} ${backend.numDataIds()}`;
    });
    expect(new Set(counts).size).toBe(1);
    for (const input of inputs) input.dispose();
    expect({ tensors: tf.memory().numTensors, buffers: backend.numDataIds() }).toEqual(before);
  });

  it("keeps a slice alive after its source is disposed", () => {
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const row = tf.slice(x, [1, 0], [1, 2]);
    x.dispose();
    expect([...row.dataSync()]).toEqual([3, 4]);
    row.dispose();
  });
});
