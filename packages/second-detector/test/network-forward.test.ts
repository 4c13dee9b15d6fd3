import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import {
  createWeights,
  detectorLayers,
  disposeWeights,
  type ForwardResult,
  forwardDetector,
  lossGradients,
} from "../src/index.js";
import { batchFor, meanSquareLoss, randomScan } from "./tiny/tiny-batch.js";
import { encoderKinds, tinyConfig } from "./tiny/tiny-config.js";

registerSimdBackend();

const backends = ["cpu", "simd"];
/** Two float32 passes that sum in another order, of the largest entry. */
const ROUNDING = { ofLargest: 2e-6 };

/** Everything the head says, as plain numbers. */
function headOf(result: ForwardResult): Float32Array {
  const parts = [result.head.cls, result.head.box, result.head.dir].map((part) => part.dataSync() as Float32Array);
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

describe.each(backends)("forwardDetector on %s", (backend) => {
  const config = tinyConfig();

  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  test("shapes of taps, head and statistics, and the names of the stages", () => {
    const weights = createWeights(config, seededRandom(1));
    const names: string[] = [];
    const result = forwardDetector(weights, batchFor(config, randomScan(80, seededRandom(2))), {
      config,
      training: true,
      onStage: (name) => {
        names.push(name);
        return undefined;
      },
    });
    // The grid of 41×32×32 cells leaves the encoder as a map of 4×4, which block 1 halves.
    expect(result.taps.map((block) => block.map((tap) => tap.shape))).toEqual([
      Array(2).fill([1, 4, 4, 4]),
      Array(2).fill([1, 2, 2, 6]),
    ]);
    expect(result.head.cls.shape).toEqual([1, 4, 4, 18]);
    expect(result.head.box.shape).toEqual([1, 4, 4, 42]);
    expect(result.head.dir.shape).toEqual([1, 4, 4, 12]);
    expect(names.slice(0, 3)).toEqual(["encoder.input", "encoder.stage1.0", "encoder.stage2.0"]);
    expect(names.slice(11)).toEqual(
      [
        "encoder.output",
        "bev",
        "backbone.block0.0",
        "backbone.block0.1",
        "backbone.block1.0",
        "backbone.block1.1",
      ].concat(["neck.0", "neck.1", "neck", "head.cls", "head.box", "head.dir"]),
    );
    expect(result.batchStatistics["neck.1"].rows).toBe(16);
    expect(Object.keys(result.batchStatistics)).toHaveLength(12 + 4 + 2);
    tf.dispose(result);
    disposeWeights(weights);
  });

  test("a stage hook may replace a stage, of the same shape only", () => {
    const weights = createWeights(config, seededRandom(8));
    const batch = batchFor(config, randomScan(40, seededRandom(9)));
    const result = forwardDetector(weights, batch, {
      config,
      onStage: (name, stage) => (name === "neck" ? tf.zerosLike(stage) : undefined),
    });
    // With a map of zeros the head says its biases.
    expectClose(result.head.cls.dataSync(), new Float32Array(16 * 18).fill(-Math.log(99)), { ofLargest: 1e-6 });
    expect(() => forwardDetector(weights, batch, { config, onStage: () => tf.scalar(0) })).toThrow(
      /onStage: expected shape \[\d+,2\] in place of encoder.input, got \[\]/,
    );
    tf.dispose(result);
    disposeWeights(weights);
  });
});

const everyKind = encoderKinds.flatMap((kind) => backends.map((backend) => [kind, backend] as const));

describe.each(everyKind)("forwardDetector with a %s encoder on %s", (kind, backend) => {
  const config = tinyConfig(kind);

  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  test("in eval mode a batch gives what its frames give one by one", () => {
    const weights = createWeights(config, seededRandom(3));
    const rng = seededRandom(4);
    const scans = [randomScan(60, rng), new Float32Array(0), randomScan(90, rng)];
    const together = forwardDetector(weights, batchFor(config, ...scans), { config });
    const alone = scans.map((scan) => forwardDetector(weights, batchFor(config, scan), { config }));
    const joined = tf.concat(alone.map((result) => result.head.box));
    expectClose(together.head.box.dataSync(), joined.dataSync(), ROUNDING);
    const scores = tf.concat(alone.map((result) => result.head.cls));
    expectClose(together.head.cls.dataSync(), scores.dataSync(), ROUNDING);
    tf.dispose([together, alone, joined, scores]);
    disposeWeights(weights);
  });

  test("the order of points does not matter", () => {
    // Room for every point: a cell keeps those that come first.
    const roomy = { ...config, maxPointsPerVoxel: 20 };
    const weights = createWeights(config, seededRandom(5));
    const scan = randomScan(100, seededRandom(6));
    const reversed = new Float32Array(scan.length);
    for (let i = 0; i < 100; i++) reversed.set(scan.subarray(4 * i, 4 * i + 4), 4 * (99 - i));
    for (const training of [true, false]) {
      const [a, b] = [scan, reversed].map((points) =>
        forwardDetector(weights, batchFor(roomy, points), { config: roomy, training }),
      );
      // Training mode divides by deviations of a handful of sites, which enlarges the rounding.
      expectClose(headOf(b), headOf(a), training ? { ofLargest: 1e-4 } : ROUNDING);
      tf.dispose([a, b]);
    }
    disposeWeights(weights);
  });

  test("frames without points pass in both modes and have finite gradients", () => {
    const weights = createWeights(config, seededRandom(7));
    const empty = batchFor(config, new Float32Array(0), new Float32Array(0));
    for (const training of [true, false]) {
      const result = forwardDetector(weights, empty, { config, training });
      expect(headOf(result).every(Number.isFinite)).toBe(true);
      tf.dispose(result);
    }
    const pass = lossGradients(weights, empty, { config, loss: meanSquareLoss });
    for (const [name, gradient] of Object.entries(pass.gradients)) {
      expect(gradient.dataSync().every(Number.isFinite), name).toBe(true);
    }
    const [first] = detectorLayers(config).encoder.layers;
    expect(pass.batchStatistics[first.name].rows).toBe(0);
    tf.dispose(pass);
    disposeWeights(weights);
  });

  test("no tensor is left behind by passes and gradients", () => {
    const weights = createWeights(config, seededRandom(10));
    const batch = batchFor(config, randomScan(50, seededRandom(11)));
    const before = tf.memory().numTensors;
    for (let i = 0; i < 2; i++) {
      tf.dispose(forwardDetector(weights, batch, { config }));
      tf.dispose(forwardDetector(weights, batch, { config, training: true }));
      tf.dispose(lossGradients(weights, batch, { config, loss: meanSquareLoss }));
      expect(tf.memory().numTensors).toBe(before);
    }
    disposeWeights(weights);
  });
});
