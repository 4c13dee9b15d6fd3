import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { largestMagnitude, seededRandom, slopeAtZero } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, test } from "vitest";
import {
  createWeights,
  type DetectorConfig,
  disposeWeights,
  forwardDetector,
  scoreGradients,
  type Weights,
  weightsFromArrays,
  weightsToArrays,
} from "../src/index.js";
import { batchFor, randomScan } from "./tiny/tiny-batch.js";
import { encoderKinds, tinyConfig } from "./tiny/tiny-config.js";

registerSimdBackend();

/** The tiny detector with more channels, so that a few of them see something in every cell. */
function livelyConfig(kind: (typeof encoderKinds)[number]): DetectorConfig {
  const config = tinyConfig(kind);
  const channels = kind === "pillars" ? 12 : kind === "pointnet" ? [12, 12, 12] : [8, 8, 8, 8, 8];
  const encoder = { ...config.encoder, channels } as DetectorConfig["encoder"];
  return { ...config, encoder, backbone: { ...config.backbone, channels: [12, 12] } };
}

/**
 * Weights of an untrained detector whose logits move.
 * @param factor of the head's first values, which are so small that rounding would hide what moves the logits
 */
async function livelyWeights(config: DetectorConfig, seed: number, factor = 1): Promise<Weights> {
  const fresh = createWeights(config, seededRandom(seed));
  const arrays = await weightsToArrays(fresh);
  disposeWeights(fresh);
  for (const [name, { data }] of arrays) {
    if (name.endsWith(".bn.beta")) data.fill(0.1);
    if (name === "head.cls.bias") data.fill(0);
    if (name === "head.cls.weight") for (let i = 0; i < data.length; i++) data[i] *= factor;
  }
  return weightsFromArrays(config, arrays);
}

/**
 * Of a coordinate, metres: a point stays in its cell. So little of a single voxel is left after ten sparse layers that a smaller step
 * would measure rounding; a maximum over few points flips within a larger one.
 */
const STEP = { sparse: 2e-2, pillars: 1e-3, pointnet: 1e-3 };

const logitOf = (weights: Weights, scan: Float32Array, { config, at }: { config: DetectorConfig; at: number }) =>
  tf.tidy(() => forwardDetector(weights, batchFor(config, scan), { config }).head.cls.dataSync()[at]);

describe("scoreGradients", () => {
  beforeAll(async () => {
    await tf.setBackend("simd");
  });

  test.each(encoderKinds)("is what central differences of the whole detector give: %s", async (kind) => {
    const config = livelyConfig(kind);
    const scan = withTwins(inMiddles(randomScan(120, seededRandom(5)), config));
    const [anchor, label] = [37, 1];
    const at = anchor * config.classes.length + label;
    const gradientWith = async (factor: number) => {
      const weights = await livelyWeights(config, 3, factor);
      return { weights, gradient: await scoreGradients(weights, scan, { config })({ anchor, label }) };
    };
    const first = await gradientWith(1);
    disposeWeights(first.weights);
    const { weights, gradient } = await gradientWith(1 / largestMagnitude(first.gradient)); // the largest entry is 1
    const entries = Array.from({ length: Math.floor(scan.length / 3) }, (_, i) => 3 * i);
    const off = entries.filter((entry) => {
      const moved = (by: number) => {
        const there = scan.slice();
        there[entry] += by;
        return logitOf(weights, there, { config, at });
      };
      return Math.abs(slopeAtZero(moved, STEP[kind]) - gradient[entry]) > 0.03;
    });
    expect(entries.filter((entry) => Math.abs(gradient[entry]) > 0.1).length).toBeGreaterThan(10);
    // A ReLU or a maximum that flips within a step makes another slope: one in twenty may.
    expect(off.length, `of ${entries.length}`).toBeLessThanOrEqual(entries.length / 20);
    disposeWeights(weights);
  });

  test("is zero for points that the detector does not take, and for intensity where it takes none", async () => {
    const whole = livelyConfig("sparse");
    const config: DetectorConfig = { ...whole, features: ["x", "y", "z"], maxPointsPerVoxel: 1 };
    const weights = await livelyWeights(config, 7);
    const inside = inMiddles(randomScan(120, seededRandom(8)), config);
    const twin = inside.slice(0, 4); // its voxel is full
    const scan = Float32Array.of(...inside, ...twin, 100, 0, 0, 0.5);
    const gradient = await scoreGradients(weights, scan, { config })({ anchor: 37, label: 0 });
    expect([...gradient.subarray(inside.length)]).toEqual(Array(8).fill(0));
    expect(gradient.filter((_, i) => i % 4 === 3).every((value) => value === 0)).toBe(true);
    expect(gradient.some((value) => value !== 0)).toBe(true);
    disposeWeights(weights);
  });

  test.each(encoderKinds)("of a scan with nothing in range it is zero: %s", async (kind) => {
    const config = tinyConfig(kind);
    const weights = createWeights(config, seededRandom(1));
    for (const scan of [new Float32Array(0), Float32Array.of(1000, 0, 0, 0.5)]) {
      const gradient = await scoreGradients(weights, scan, { config })({ anchor: 0, label: 0 });
      expect([...gradient]).toEqual([...scan].fill(0));
    }
    disposeWeights(weights);
  });

  test("refuses an output that there is not", async () => {
    const config = tinyConfig("sparse");
    const weights = createWeights(config, seededRandom(1));
    const gradientOf = scoreGradients(weights, randomScan(5, seededRandom(2)), { config });
    await expect(gradientOf({ anchor: 1e6, label: 0 })).rejects.toThrow(
      "expected an anchor and a label that there are",
    );
    await expect(gradientOf({ anchor: 0, label: 3 })).rejects.toThrow("got 0, 3");
    disposeWeights(weights);
  });
});

/** The same points, each moved to between a quarter and three quarters of its cell, so that a small step does not leave it. */
function inMiddles(scan: Float32Array, { pointRange, voxelSize }: DetectorConfig): Float32Array {
  return scan.map((value, i) => {
    const axis = i % 4;
    if (axis === 3) return value;
    const [from, size] = [pointRange[axis], voxelSize[axis]];
    const place = (value - from) / size;
    const within = place - Math.floor(place);
    return from + size * (Math.floor(place) + 0.25 + within / 2);
  });
}

/** With a second point close to each of the first ten: cells of two. */
function withTwins(scan: Float32Array): Float32Array {
  const twins = scan.slice(0, 40).map((value, i) => (i % 4 === 3 ? 0.5 * value : value + 0.003));
  return Float32Array.of(...scan, ...twins);
}
