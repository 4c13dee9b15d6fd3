import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, randomFloats, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, it } from "vitest";
import {
  buildInverseRulebook,
  buildStridedRulebook,
  buildSubmanifoldRulebook,
  type Rulebook,
  sparseConvolution,
  sparseConvolutionBiasRelu,
} from "../src/index.js";
import { gatherSites, scatter } from "./dense-grid.js";
import { type DenseProblem, denseForward, denseGradients } from "./oracle/dense-convolution.js";
import { randomSites } from "./random-sites.js";

type Triple = [number, number, number];

/** Sums of at most a few hundred products of numbers below 1 in float32: 300 · 2^-24 ≈ 2e-5. */
const ROUNDING = 2e-5;

interface Case {
  readonly kernel: Triple;
  readonly stride?: Triple;
  readonly padding?: Triple;
  readonly dilation?: Triple;
  readonly shape?: Triple;
  readonly batchSize?: number;
  readonly density?: number;
  readonly channels?: [number, number];
}

const STRIDED: Case[] = [
  { kernel: [3, 3, 3], stride: [2, 2, 2], padding: [1, 1, 1] },
  { kernel: [3, 3, 3], stride: [2, 2, 2], padding: [0, 1, 1] },
  { kernel: [3, 1, 1], stride: [2, 1, 1] },
  { kernel: [2, 2, 2], stride: [2, 2, 2] },
  { kernel: [2, 3, 4], stride: [1, 2, 3], padding: [1, 0, 2] },
  { kernel: [1, 1, 1], channels: [7, 13] },
  { kernel: [3, 3, 3], dilation: [1, 2, 2], padding: [1, 2, 2] },
  { kernel: [3, 2, 1], stride: [3, 1, 2], padding: [2, 1, 0], dilation: [2, 1, 1] },
  { kernel: [3, 3, 3], padding: [1, 1, 1], density: 0 },
  { kernel: [3, 3, 3], padding: [1, 1, 1], shape: [1, 1, 1], density: 1, batchSize: 1 },
  { kernel: [3, 3, 3], stride: [2, 2, 2], padding: [1, 1, 1], batchSize: 25, shape: [2, 3, 3] },
  { kernel: [3, 3, 3], padding: [1, 1, 1], density: 1, channels: [1, 1] },
  { kernel: [4, 4, 4], stride: [4, 4, 4], padding: [3, 3, 3], channels: [3, 16] },
];

const SUBMANIFOLD: Case[] = [
  { kernel: [3, 3, 3] },
  { kernel: [1, 1, 1] },
  { kernel: [1, 3, 5] },
  { kernel: [3, 3, 3], dilation: [1, 2, 3] },
  { kernel: [2, 2, 2] },
  { kernel: [2, 3, 4] },
  { kernel: [3, 3, 3], density: 0 },
  { kernel: [3, 3, 3], density: 1, channels: [7, 3] },
  { kernel: [3, 3, 3], batchSize: 24, shape: [2, 3, 2], channels: [3, 1] },
  { kernel: [3, 3, 3], shape: [1, 1, 1], density: 1 },
];

beforeAll(() => registerSimdBackend());

describe.each(["cpu", "simd"])("sparse against dense convolution on %s", (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
    expect(tf.getBackend()).toBe(backend);
  });

  it.each(STRIDED.map((each, seed) => [JSON.stringify(each), seed, each] as const))(
    "strided %s (seed %i)",
    (_, seed, each) => {
      const { sites, shape, batchSize } = makeSites(each, seed);
      const { kernel, stride = [1, 1, 1], padding = [0, 0, 0], dilation = [1, 1, 1] } = each;
      const rulebook = buildStridedRulebook(sites, { shape, batchSize, kernel, stride, padding, dilation });
      compare(each, seed, sites, {
        rulebook,
        shape,
        kernel,
        stride,
        padding,
        dilation,
        batchSize,
        atOutputSites: false,
      });
    },
  );

  it.each(SUBMANIFOLD.map((each, seed) => [JSON.stringify(each), seed, each] as const))(
    "submanifold %s (seed %i)",
    (_, seed, each) => {
      const { sites, shape, batchSize } = makeSites(each, 100 + seed);
      const { kernel, dilation = [1, 1, 1] } = each;
      const rulebook = buildSubmanifoldRulebook(sites, { shape, batchSize, kernel, dilation });
      const padding = kernel.map((cells, axis) => Math.floor(cells / 2) * dilation[axis]);
      compare(each, seed, sites, {
        rulebook,
        shape,
        kernel,
        stride: [1, 1, 1],
        padding,
        dilation,
        batchSize,
        atOutputSites: true,
      });
    },
  );

  it("is adjoint to the inverse convolution with transposed matrices", async () => {
    const rng = seededRandom(7);
    const shape: Triple = [4, 5, 6];
    const coords = randomSites(rng, { shape, batchSize: 2, density: 0.3 });
    const forward = buildStridedRulebook(coords, {
      shape,
      batchSize: 2,
      kernel: [3, 3, 3],
      stride: [2, 2, 2],
      padding: [1, 1, 1],
    });
    const inverse = buildInverseRulebook(forward, { coords, shape });
    const w = tf.tensor(randomFloats(rng, 27 * 3 * 5), [3, 3, 3, 3, 5]) as tf.Tensor5D;
    const x = tf.tensor2d(randomFloats(rng, forward.inRows * 3), [forward.inRows, 3]);
    const y = tf.tensor2d(randomFloats(rng, forward.outRows * 5), [forward.outRows, 5]);
    const ax = sparseConvolution(x, w, forward);
    const aty = sparseConvolution(y, tf.transpose(w, [0, 1, 2, 4, 3]), inverse);
    const left = (await tf.sum(tf.mul(ax, y)).data())[0];
    const right = (await tf.sum(tf.mul(x, aty)).data())[0];
    expect(Math.abs(left - right)).toBeLessThan(1e-3);
    expect(Math.abs(left)).toBeGreaterThan(1e-2);
  });

  it("is linear in the features, and permuted input rows give permuted output rows", () => {
    const seed = 8;
    const rng = seededRandom(seed);
    const shape: Triple = [3, 5, 4];
    const coords = randomSites(rng, { shape, batchSize: 2, density: 0.4 });
    const rows = coords.length / 4;
    const options = { shape, batchSize: 2, kernel: [3, 3, 3] as Triple };
    const rulebook = buildSubmanifoldRulebook(coords, options);
    const w = tf.tensor(randomFloats(rng, 27 * 7 * 16), [3, 3, 3, 7, 16]) as tf.Tensor5D;
    const x = tf.tensor2d(randomFloats(rng, rows * 7), [rows, 7]);
    const y = tf.tensor2d(randomFloats(rng, rows * 7), [rows, 7]);
    const ax = sparseConvolution(x, w, rulebook);
    const ay = sparseConvolution(y, w, rulebook);
    const together = sparseConvolution(tf.add(tf.mul(x, 2), tf.mul(y, -3)) as tf.Tensor2D, w, rulebook);
    const apart = tf.add(tf.mul(ax, 2), tf.mul(ay, -3));
    expectClose(together.dataSync(), apart.dataSync(), { absolute: 5 * ROUNDING });

    const order = Int32Array.from({ length: rows }, (_, row) => (row + 5) % rows);
    const moved = Int32Array.from({ length: 4 * rows }, (_, i) => coords[4 * order[i >> 2] + (i & 3)]);
    const movedRows = sparseConvolution(tf.gather(x, order), w, buildSubmanifoldRulebook(moved, options));
    expectClose(movedRows.dataSync(), tf.gather(ax, order).dataSync(), { absolute: ROUNDING });
    expect(totalOf(Float64Array.from(ax.dataSync())), `seed ${seed}`).toBeGreaterThan(1);
  });

  it.each([0, 0.3, 1])("with bias and ReLU equals the dense oracle plus bias, rectified; density %f", (density) => {
    const seed = 9;
    const rng = seededRandom(seed);
    const [kernel, stride, padding, dilation] = [
      [3, 3, 3],
      [2, 2, 2],
      [1, 1, 1],
      [1, 1, 1],
    ] as Triple[];
    const { sites, shape, batchSize } = makeSites({ kernel, density }, seed);
    const rulebook = buildStridedRulebook(sites, { shape, batchSize, kernel, stride, padding });
    // 17 channels: a whole vector of every instruction set, and one over.
    const [cin, cout] = [3, 17];
    const features = randomFloats(rng, rulebook.inRows * cin);
    const weights = randomFloats(rng, 27 * cin * cout);
    const bias = randomFloats(rng, cout);
    const dense = denseForward(
      { shape, batchSize, kernel, stride, padding, dilation, cin, cout, outputShape: rulebook.outputShape },
      scatter(features, sites, { shape, batchSize, channels: cin }),
      Float64Array.from(weights),
    );
    const at = { shape: rulebook.outputShape, batchSize, channels: cout };
    const expected = gatherSites(dense, rulebook.outputCoords, at).map((sum, i) => Math.max(0, sum + bias[i % cout]));
    const before = tf.memory().numTensors;
    const x = tf.tensor2d(features, [rulebook.inRows, cin]);
    const layer = { weights: tf.tensor(weights, [...kernel, cin, cout]) as tf.Tensor5D, bias: tf.tensor1d(bias) };
    const y = sparseConvolutionBiasRelu(x, layer, rulebook);
    expectClose(y.dataSync(), expected, { absolute: ROUNDING });
    expect([...x.dataSync()], "features are read only").toEqual([...features]);
    tf.dispose([x, y, { ...layer }]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("leaves no tensor behind", () => {
    const coords = Int32Array.of(0, 0, 0, 0, 0, 0, 0, 1);
    const rulebook = buildSubmanifoldRulebook(coords, { shape: [1, 1, 2], batchSize: 1, kernel: [1, 1, 3] });
    const x = tf.ones([2, 1]) as tf.Tensor2D;
    const w = tf.ones([1, 1, 3, 1, 1]) as tf.Tensor5D;
    const before = tf.memory().numTensors;
    for (let pass = 0; pass < 3; pass++) {
      const [dx, dw] = tf.grads((a: tf.Tensor, b: tf.Tensor) =>
        tf.sum(sparseConvolution(a as tf.Tensor2D, b as tf.Tensor5D, rulebook)),
      )([x, w]);
      tf.dispose([dx, dw]);
    }
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, w]);
  });
});

describe("by hand", () => {
  it("a row of two sites under the kernel [1, 10, 100]", async () => {
    await tf.setBackend("cpu");
    const coords = Int32Array.of(0, 0, 0, 0, 0, 0, 0, 1);
    const rulebook = buildSubmanifoldRulebook(coords, { shape: [1, 1, 4], batchSize: 1, kernel: [1, 1, 3] });
    const x = tf.tensor2d([2, 3], [2, 1]);
    const w = tf.tensor([1, 10, 100], [1, 1, 3, 1, 1]) as tf.Tensor5D;
    // site 0: left of it nothing, itself 2·10, right 3·100; site 1: left 2·1, itself 3·10
    expect([...(await sparseConvolution(x, w, rulebook).data())]).toEqual([320, 32]);
  });

  it("two channels with a bias each, rectified", async () => {
    await tf.setBackend("simd");
    const rulebook = buildSubmanifoldRulebook(Int32Array.of(0, 0, 0, 0), {
      shape: [1, 1, 1],
      batchSize: 1,
      kernel: [1, 1, 1],
    });
    const weights = tf.tensor([10, -10], [1, 1, 1, 1, 2]) as tf.Tensor5D;
    const layer = { weights, bias: tf.tensor1d([0.5, 7]) };
    // 2·10 + 0.5; 2·(−10) + 7 < 0
    expect([...sparseConvolutionBiasRelu(tf.tensor2d([2], [1, 1]), layer, rulebook).dataSync()]).toEqual([20.5, 0]);
  });

  it("takes a fused kernel of whichever backend has registered one", async () => {
    await tf.setBackend("cpu");
    const rulebook = buildSubmanifoldRulebook(Int32Array.of(0, 0, 0, 0), {
      shape: [1, 1, 1],
      batchSize: 1,
      kernel: [1, 1, 1],
    });
    const convolve = () => sparseConvolution(tf.ones([1, 2]), tf.ones([1, 1, 1, 2, 1]), rulebook).dataSync()[0];
    let attributes: unknown;
    const kernel = { kernelName: "SparseConvolution", backendName: "cpu" };
    tf.registerKernel({
      ...kernel,
      kernelFunc: ({ attrs }) => {
        attributes = attrs;
        return tf.fill([1, 1], 7);
      },
    });
    expect(convolve()).toBe(7);
    const { map, inRows, outRows } = rulebook;
    expect(attributes).toEqual({ map, inRows, outRows });
    tf.unregisterKernel(kernel.kernelName, kernel.backendName);
    expect(convolve()).toBe(2);
  });

  it("says what shape it wants", () => {
    const coords = Int32Array.of(0, 0, 0, 0);
    const rulebook = buildSubmanifoldRulebook(coords, { shape: [1, 1, 1], batchSize: 1, kernel: [1, 1, 1] });
    const w = tf.ones([1, 1, 1, 2, 2]) as tf.Tensor5D;
    expect(() => sparseConvolution(tf.ones([2, 2]) as tf.Tensor2D, w, rulebook)).toThrow(
      "expected [1, channels] for features, got [2, 2]",
    );
    expect(() => sparseConvolution(tf.ones([1, 3]) as tf.Tensor2D, w, rulebook)).toThrow(
      "expected [1, 1, 1, 3, cout] for weights, got [1, 1, 1, 2, 2]",
    );
    const x = tf.ones([1, 2]) as tf.Tensor2D;
    expect(() => sparseConvolutionBiasRelu(x, { weights: w, bias: tf.ones([1]) }, rulebook)).toThrow(
      "sparseConvolutionBiasRelu: expected [2] for bias, got [1]",
    );
  });
});

function makeSites({ shape = [4, 5, 6], batchSize = 2, density = 0.3 }: Case, seed: number) {
  const sites = randomSites(seededRandom(seed), { shape, batchSize, density });
  return { sites, shape, batchSize };
}

/** Values and both gradients of the sparse convolution against dense ones. */
function compare(
  { channels: [cin, cout] = [3, 4] }: Case,
  seed: number,
  sites: Int32Array,
  where: Omit<DenseProblem, "cin" | "cout" | "outputShape"> & {
    readonly rulebook: Rulebook;
    readonly atOutputSites: boolean;
  },
): void {
  const { rulebook, batchSize } = where;
  const rng = seededRandom(1000 + seed);
  const problem: DenseProblem = {
    ...where,
    // Read at the input sites alone, a submanifold convolution of an even kernel is one with an output cell too many.
    outputShape: where.atOutputSites ? where.shape : rulebook.outputShape,
    cin,
    cout,
  };
  const features = randomFloats(rng, rulebook.inRows * cin);
  const weights = randomFloats(
    rng,
    problem.kernel.reduce((a, b) => a * b, cin * cout),
  );
  const outputGradient = randomFloats(rng, rulebook.outRows * cout);

  const denseInput = scatter(features, sites, { shape: problem.shape, batchSize, channels: cin });
  const expected = denseForward(problem, denseInput, Float64Array.from(weights));
  const denseOutGradient = scatter(outputGradient, rulebook.outputCoords, {
    shape: problem.outputShape,
    batchSize,
    channels: cout,
  });
  const gradients = denseGradients(problem, {
    input: denseInput,
    weights: Float64Array.from(weights),
    outputGradient: denseOutGradient,
  });

  const x = tf.tensor2d(features, [rulebook.inRows, cin]);
  const w = tf.tensor(weights, [...problem.kernel, cin, cout] as tf.Tensor5D["shape"]) as tf.Tensor5D;
  const y = sparseConvolution(x, w, rulebook);
  const dy = tf.tensor2d(outputGradient, [rulebook.outRows, cout]);
  const [dx, dw] = tf.grads((a: tf.Tensor, b: tf.Tensor) =>
    sparseConvolution(a as tf.Tensor2D, b as tf.Tensor5D, rulebook),
  )([x, w], dy);

  expect(y.shape).toEqual([rulebook.outRows, cout]);
  const at = { shape: problem.outputShape, batchSize, channels: cout };
  expectClose(y.dataSync(), gatherSites(expected, rulebook.outputCoords, at), { absolute: ROUNDING, label: "output" });
  if (!where.atOutputSites)
    expect(totalOf(gatherSites(expected, rulebook.outputCoords, at))).toBeCloseTo(totalOf(expected), 6);
  const from = { shape: problem.shape, batchSize, channels: cin };
  expectClose(dx.dataSync(), gatherSites(gradients.input, sites, from), { absolute: ROUNDING, label: "by features" });
  // a weight's gradient is a sum over all output rows
  const sums = Math.max(1, rulebook.outRows / 50);
  expectClose(dw.dataSync(), gradients.weights, { absolute: sums * ROUNDING, label: "by weights" });
  tf.dispose([x, w, y, dy, dx, dw]);
}

/** Sum of magnitudes: sites that the sparse convolution leaves out must be zero in the dense one. */
function totalOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0);
}
