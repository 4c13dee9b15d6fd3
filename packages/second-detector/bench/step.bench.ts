import * as tf from "@tensorflow/tfjs-core";
import { seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { bench, describe, expect } from "vitest";
import {
  builtinConfig,
  collateFrames,
  createWeights,
  type ForwardResult,
  forwardDetector,
  lossGradients,
  prepareFrame,
} from "../src/index.js";

registerSimdBackend();
await tf.setBackend("simd");

const config = builtinConfig("second-mini");
const rng = seededRandom(1);

/**
 * A scan as 64 beams over 90° see it: ground 1.73 m below the sensor, and upright walls of random distance, each 3° wide;
 * 2 cm of noise. Voxels lie along rings and walls, about 10000 of them, as in a real frame of this range.
 */
function syntheticScan(): Float32Array {
  const points: number[] = [];
  const walls = Array.from({ length: 30 }, () => 8 + 40 * rng());
  for (let beam = 0; beam < 64; beam++) {
    const elevation = ((-24.8 + (26.8 * beam) / 63) * Math.PI) / 180;
    for (let degrees = -45; degrees < 45; degrees += 0.35) {
      const azimuth = (degrees * Math.PI) / 180;
      const wall = walls[Math.floor((degrees + 45) / 3)] / Math.cos(elevation);
      const ground = elevation < 0 ? 1.73 / -Math.sin(elevation) : Number.POSITIVE_INFINITY;
      const range = Math.min(wall, ground) + 0.02 * (rng() - 0.5);
      const flat = range * Math.cos(elevation);
      points.push(flat * Math.cos(azimuth), flat * Math.sin(azimuth), range * Math.sin(elevation), rng());
    }
  }
  return Float32Array.from(points);
}

const scans = [syntheticScan(), syntheticScan()];
const frames = scans.map((scan) => prepareFrame(scan, config));
const batch = collateFrames(frames, config);
const weights = createWeights(config, rng);

function loss({ head }: ForwardResult) {
  const parts = [head.cls, head.box, head.dir].map((part) => tf.mean(tf.square(part)));
  return { loss: tf.addN(parts) as tf.Scalar, report: undefined };
}

const check = lossGradients(weights, batch, { config, loss });
for (const gradient of Object.values(check.gradients)) expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
tf.dispose(check);

const options = { iterations: 5, time: 0, warmupIterations: 1, warmupTime: 0 };

describe(`second-mini, batch of 2, ${batch.coords.length / 4} voxels, simd`, () => {
  bench("points to voxels", () => void scans.map((scan) => prepareFrame(scan, config)), options);
  bench("rulebooks", () => void collateFrames(frames, config), options);
  bench("forward, eval mode", () => tf.dispose(forwardDetector(weights, batch, { config })), options);
  bench("forward, train mode", () => tf.dispose(forwardDetector(weights, batch, { config, training: true })), options);
  bench(
    "forward and backward",
    () => {
      tf.dispose(lossGradients(weights, batch, { config, loss }));
    },
    options,
  );
});
