import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import {
  collateFrames,
  createWeights,
  disposeWeights,
  type ForwardResult,
  forwardSecond,
  lossGradients,
  prepareFrame,
  weightsFromArrays,
  weightsToArrays,
} from "../src/index.js";
import { expectClose } from "./oracle/closeness.js";
import { randomArray, seededRandom } from "./oracle/random.js";
import { tinyConfig } from "./oracle/tiny-config.js";

registerSimdBackend();

const config = tinyConfig();
/** Two float32 passes that sum in another order, of the largest entry. */
const ROUNDING = 2e-6;

/** Points spread over the range of the configuration, in clumps of a few per voxel. */
function randomScan(count: number, rng: () => number): Float32Array {
  const [x0, y0, z0, x1, y1, z1] = config.pointRange;
  const points = new Float32Array(count * 4);
  for (let i = 0; i < points.length; i += 4) {
    points[i] = x0 + rng() * (x1 - x0);
    points[i + 1] = y0 + rng() * (y1 - y0);
    points[i + 2] = z0 + rng() * (z1 - z0);
    points[i + 3] = rng();
  }
  return points;
}

function batchOf(...scans: Float32Array[]) {
  return collateFrames(
    scans.map((scan) => prepareFrame(scan, config)),
    config,
  );
}

/** Everything the head says, as plain numbers. */
function headOf(result: ForwardResult): Float32Array {
  const parts = [result.head.cls, result.head.box, result.head.dir].map((part) => part.dataSync() as Float32Array);
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

describe.each(["cpu", "simd"])("forwardSecond on %s", (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  test("shapes of taps, head and statistics, and the names of the stages", () => {
    const weights = createWeights(config, seededRandom(1));
    const names: string[] = [];
    const result = forwardSecond(weights, batchOf(randomScan(80, seededRandom(2))), {
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

  test("in eval mode a batch gives what its frames give one by one", () => {
    const weights = createWeights(config, seededRandom(3));
    const rng = seededRandom(4);
    const scans = [randomScan(60, rng), new Float32Array(0), randomScan(90, rng)];
    const together = forwardSecond(weights, batchOf(...scans), { config });
    const alone = scans.map((scan) => forwardSecond(weights, batchOf(scan), { config }));
    const joined = tf.concat(alone.map((result) => result.head.box));
    expectClose(together.head.box.dataSync(), joined.dataSync(), ROUNDING);
    const scores = tf.concat(alone.map((result) => result.head.cls));
    expectClose(together.head.cls.dataSync(), scores.dataSync(), ROUNDING);
    tf.dispose([together, alone, joined, scores]);
    disposeWeights(weights);
  });

  test("the order of points does not matter", () => {
    const weights = createWeights(config, seededRandom(5));
    const scan = randomScan(100, seededRandom(6));
    const reversed = new Float32Array(scan.length);
    for (let i = 0; i < 100; i++) reversed.set(scan.subarray(4 * i, 4 * i + 4), 4 * (99 - i));
    for (const training of [true, false]) {
      const [a, b] = [scan, reversed].map((points) => forwardSecond(weights, batchOf(points), { config, training }));
      // Training mode divides by deviations of a handful of sites, which enlarges the rounding.
      expectClose(headOf(b), headOf(a), training ? 1e-4 : ROUNDING);
      tf.dispose([a, b]);
    }
    disposeWeights(weights);
  });

  test("frames without points pass in both modes and have finite gradients", () => {
    const weights = createWeights(config, seededRandom(7));
    const empty = batchOf(new Float32Array(0), new Float32Array(0));
    for (const training of [true, false]) {
      const result = forwardSecond(weights, empty, { config, training });
      expect(headOf(result).every(Number.isFinite)).toBe(true);
      tf.dispose(result);
    }
    const { gradients, losses, batchStatistics } = lossGradients(weights, empty, { config, loss: meanSquareLoss });
    for (const [name, gradient] of Object.entries(gradients)) {
      expect(gradient.dataSync().every(Number.isFinite), name).toBe(true);
    }
    expect(batchStatistics["encoder.input"].rows).toBe(0);
    tf.dispose([gradients, losses, batchStatistics]);
    disposeWeights(weights);
  });

  test("a stage hook may replace a stage, of the same shape only", () => {
    const weights = createWeights(config, seededRandom(8));
    const batch = batchOf(randomScan(40, seededRandom(9)));
    const result = forwardSecond(weights, batch, {
      config,
      onStage: (name, stage) => (name === "neck" ? tf.zerosLike(stage) : undefined),
    });
    // With a map of zeros the head says its biases.
    expectClose(result.head.cls.dataSync(), new Float32Array(16 * 18).fill(-Math.log(99)), 1e-6);
    expect(() => forwardSecond(weights, batch, { config, onStage: () => tf.scalar(0) })).toThrow(
      /onStage: expected shape \[\d+,2\] in place of encoder.input, got \[\]/,
    );
    tf.dispose(result);
    disposeWeights(weights);
  });

  test("no tensor is left behind by passes and gradients", () => {
    const weights = createWeights(config, seededRandom(10));
    const batch = batchOf(randomScan(50, seededRandom(11)));
    const before = tf.memory().numTensors;
    for (let i = 0; i < 2; i++) {
      tf.dispose(forwardSecond(weights, batch, { config }));
      tf.dispose(forwardSecond(weights, batch, { config, training: true }));
      tf.dispose(lossGradients(weights, batch, { config, loss: meanSquareLoss }));
      expect(tf.memory().numTensors).toBe(before);
    }
    disposeWeights(weights);
  });
});

/** A smooth loss that every output has a part in. */
function meanSquareLoss({ head, taps }: ForwardResult) {
  const outputs = [head.cls, head.box, head.dir, ...taps.flat()].map((x) => tf.mean(tf.square(tf.add(x, 0.5))));
  return { total: tf.addN(outputs) as tf.Scalar };
}

/**
 * Weights and the step of the central difference for each. Between the rounding of a float32 loss (which asks for large
 * steps) and the kinks of ReLU (small ones); the first layers move everything behind them, so theirs are smaller.
 */
const STEPS = {
  "encoder.input.weight": 1e-4,
  "encoder.stage2.0.weight": 3e-4,
  "encoder.output.bn.gamma": 1e-3,
  "backbone.block0.0.weight": 3e-4,
  "backbone.block1.1.bn.beta": 1e-3,
  "neck.1.weight": 1e-3,
  "head.cls.weight": 1e-3,
  "head.dir.bias": 1e-3,
};
/** Of the slope: 1 % of rounding and kinks, as the error grows no smaller below these steps. */
const SLOPE_TOLERANCE = 0.02;

describe("gradients through the whole network", () => {
  test.each(["cpu", "simd"])("agree with central differences on %s", async (backend) => {
    await tf.setBackend(backend);
    const rng = seededRandom(12);
    const fresh = createWeights(config, rng);
    const arrays = await weightsToArrays(fresh);
    disposeWeights(fresh);
    // Fresh heads are so faint that what lies before them would not show in the loss.
    for (const part of ["cls", "box", "dir"]) {
      const { shape, data } = arrays.get(`head.${part}.weight`)!;
      arrays.set(`head.${part}.weight`, { shape, data: data.map((w) => 30 * w) });
    }
    const batch = batchOf(randomScan(120, rng), randomScan(150, rng));
    const weights = weightsFromArrays(config, arrays);
    const { gradients, losses, batchStatistics } = lossGradients(weights, batch, { config, loss: meanSquareLoss });
    const lossAt = (name: string, data: Float32Array): number => {
      const moved = weightsFromArrays(config, new Map(arrays).set(name, { ...arrays.get(name)!, data }));
      const value = tf.tidy(
        () => meanSquareLoss(forwardSecond(moved, batch, { config, training: true })).total.dataSync()[0],
      );
      disposeWeights(moved);
      return value;
    };
    for (const [name, step] of Object.entries(STEPS)) {
      const { data } = arrays.get(name)!;
      const gradient = gradients[name].dataSync() as Float32Array;
      // Half along the gradient, so that the slope is no accident of small numbers; half at random.
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      const noise = randomArray(data.length, rng).map((v) => (0.5 * v) / Math.sqrt(data.length));
      const direction = noise.map((v, i) => v + gradient[i] / norm);
      const slope = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
      const [above, below] = [step, -step].map((h) =>
        lossAt(
          name,
          data.map((w, i) => w + h * direction[i]),
        ),
      );
      expect(Math.abs((above - below) / (2 * step) / slope - 1), name).toBeLessThan(SLOPE_TOLERANCE);
    }
    tf.dispose([gradients, losses, batchStatistics]);
    disposeWeights(weights);
  });
});

describe("prepareFrame", () => {
  test("by hand: two points of one voxel, one outside", () => {
    const [x0, y0, z0] = config.pointRange;
    const rows = [
      [x0 + 0.1, y0 + 0.1, z0 + 0.05, 0.5],
      [x0 + 0.2, y0 + 0.1, z0 + 0.05, 0],
      [x0 - 1, y0, z0, 1],
    ];
    const points = Float32Array.from(rows.flat());
    const frame = prepareFrame(points, config);
    expect([...frame.coords]).toEqual([0, 0, 0]);
    expect([...frame.counts]).toEqual([2]);
    expectClose(frame.features, [x0 + 0.15, y0 + 0.1, z0 + 0.05, 0.25], 1e-6);
  });

  test("refuses what is not a finite number, with its point", () => {
    const points = Float32Array.of(1, 2, 0, 0.5, 1, Number.NaN, 0, 0.5);
    expect(() => prepareFrame(points, config)).toThrow(
      "prepareFrame: expected finite numbers for points, got NaN in point 1",
    );
    expect(() => prepareFrame([1, 2, 3, 4] as unknown as Float32Array, config)).toThrow(TypeError);
    expect(() => collateFrames([], config)).toThrow("collateFrames: expected one frame or more, got none");
  });
});
