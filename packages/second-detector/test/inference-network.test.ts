import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, seededRandom } from "test-support";
import { registerSimdBackend, resetKernelCounts, simdReport } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import {
  createWeights,
  disposeWeights,
  forwardDetector,
  type HeadOutputs,
  InferenceNetwork,
  type NamedArray,
  type Weights,
  weightsFromArrays,
  weightsToArrays,
} from "../src/index.js";
import { batchFor, batchOf, randomScan } from "./tiny/tiny-batch.js";
import { encoderKinds, tinyConfig } from "./tiny/tiny-config.js";
import { withRandomNorms } from "./tiny/trained-arrays.js";

registerSimdBackend();

const config = tinyConfig();
/**
 * Of the largest entry: a folded filter is rounded once more than a plain one, and sums run in another order, over 18
 * layers. Each float32 rounding is 6e-8; some tens of them add up, with random signs.
 */
const FOLDING = { ofLargest: 3e-6 };

async function trained(
  seed: number,
  config = tinyConfig(),
): Promise<{ weights: Weights; arrays: Map<string, NamedArray> }> {
  const rng = seededRandom(seed);
  const fresh = createWeights(config, rng);
  const arrays = withRandomNorms(await weightsToArrays(fresh), rng);
  disposeWeights(fresh);
  return { weights: weightsFromArrays(config, arrays), arrays };
}

function parts({ cls, box, dir }: HeadOutputs): [string, tf.Tensor4D][] {
  return Object.entries({ cls, box, dir });
}

const everyKind = encoderKinds.flatMap((kind) => ["cpu", "simd"].map((backend) => [kind, backend] as const));

describe.each(everyKind)("InferenceNetwork with a %s encoder on %s", (kind, backend) => {
  const config = tinyConfig(kind);

  beforeAll(async () => {
    await tf.setBackend(backend);
    expect(tf.getBackend()).toBe(backend);
  });

  test.each([
    ["one scan", [90]],
    ["three scans, one of them empty", [60, 0, 120]],
    ["one empty scan", [0]],
  ])("gives what the unfolded network gives in evaluation mode: %s", async (_, counts) => {
    const seed = 20;
    const { weights, arrays } = await trained(seed, config);
    const network = new InferenceNetwork(arrays, config);
    const rng = seededRandom(seed + 1);
    const batch = batchFor(config, ...counts.map((count) => randomScan(count, rng)));
    let bev: Float32Array | undefined;
    const { head: expected, taps } = forwardDetector(weights, batch, {
      config,
      onStage: (name, stage) => {
        if (name === "bev") bev = Float32Array.from(stage.dataSync());
        return undefined;
      },
    });
    const map = network.encode(batch);
    expectClose(map.dataSync(), bev!, { ...FOLDING, label: "bev" });
    const found = network.run(batch);
    for (const [name, tensor] of parts(found)) {
      const wanted = expected[name as keyof HeadOutputs];
      expect(tensor.shape, name).toEqual(wanted.shape);
      expectClose(tensor.dataSync(), wanted.dataSync(), { ...FOLDING, label: name });
      expect(new Set(tensor.dataSync()).size, `${name} is not constant`).toBeGreaterThan(10);
    }
    tf.dispose([taps, expected, found, map]);
    network.dispose();
    disposeWeights(weights);
  });
});

test.each([
  ["pillars", { SparseConvolutionBiasRelu: 1, ScatterCells: undefined, PatchHeads: 1 }],
  ["sparse", { SparseConvolutionBiasRelu: 12, ScatterCells: 1, PatchHeads: 1 }],
] as const)("with a %s encoder `simd` counts the kernels of a pass: %o", async (kind, kernels) => {
  await tf.setBackend("simd");
  const config = tinyConfig(kind);
  const { weights, arrays } = await trained(7, config);
  const network = new InferenceNetwork(arrays, config);
  const batch = batchFor(config, randomScan(90, seededRandom(8)));
  resetKernelCounts();
  const found = network.run(batch);
  for (const [name, calls] of Object.entries(kernels)) expect(simdReport().kernels[name]?.here, name).toBe(calls);
  tf.dispose({ ...found });
  network.dispose();
  disposeWeights(weights);
});

describe.each(["cpu", "simd"])("InferenceNetwork on %s", (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
    expect(tf.getBackend()).toBe(backend);
  });

  test("keeps its weights when those it came from change", async () => {
    const { weights, arrays } = await trained(30);
    disposeWeights(weights);
    let network!: InferenceNetwork;
    tf.tidy(() => {
      network = new InferenceNetwork(arrays, config);
    });
    const batch = batchOf(randomScan(50, seededRandom(31)));
    const before = network.run(batch);
    for (const { data } of arrays.values()) data.fill(0);
    const after = network.run(batch);
    for (const [name, tensor] of parts(after)) {
      expect(tensor.dataSync(), name).toEqual(before[name as keyof HeadOutputs].dataSync());
    }
    tf.dispose([before, after]);
    network.dispose();
  });

  test("leaves no tensor behind over 20 scans, and none at all once it is freed", async () => {
    const { weights, arrays } = await trained(40);
    disposeWeights(weights);
    const empty = tf.memory().numTensors;
    const network = new InferenceNetwork(arrays, config);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 20; i++) {
      const batch = batchOf(randomScan(20 * (i % 4), seededRandom(41 + i)));
      const map = network.encode(batch);
      const head = network.detect(map);
      expect(tf.memory().numTensors).toBe(before + 4);
      tf.dispose([map, head]);
      tf.dispose(network.run(batch));
      expect(tf.memory().numTensors).toBe(before);
    }
    network.dispose();
    expect(tf.memory().numTensors).toBe(empty);
  });

  test("leaves nothing behind when it throws", async () => {
    const { weights, arrays } = await trained(50);
    disposeWeights(weights);
    const network = new InferenceNetwork(arrays, config);
    const before = tf.memory().numTensors;
    const batch = batchOf(randomScan(30, seededRandom(51)));
    expect(() => network.run({ ...batch, rulebooks: batch.rulebooks.slice(1) })).toThrow(
      "InferenceNetwork.encode: expected 12 rulebooks in batch, got 11",
    );
    expect(() => network.run({ ...batch, features: batch.features.subarray(4) })).toThrow(/for features/);
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });
});

test("levels of different sizes are refused", async () => {
  await tf.setBackend("cpu");
  const { weights, arrays } = await trained(60);
  disposeWeights(weights);
  const side = { ...config, neck: { ...config.neck, strides: [1, 1] } };
  const narrow = new Map(arrays).set("neck.1.weight", {
    shape: [1, 1, 4, 6],
    data: new Float32Array(24),
  });
  const network = new InferenceNetwork(narrow, side);
  expect(() => network.run(batchOf(randomScan(30, seededRandom(61))))).toThrow(
    "InferenceNetwork.detect: expected maps of one size to join, got 4×4, 2×2 (check neck strides)",
  );
  network.dispose();
});
