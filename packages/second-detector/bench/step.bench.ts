import * as tf from "@tensorflow/tfjs-core";
import { registerSimdBackend } from "tfjs-backend-simd";
import { bench, describe, expect } from "vitest";
import {
  builtinConfig,
  collateFrames,
  createWeights,
  type ForwardResult,
  forwardSecond,
  lossGradients,
  prepareFrame,
} from "../src/index.js";
import { seededRandom } from "../test/oracle/random.js";

registerSimdBackend();
await tf.setBackend("simd");

const config = builtinConfig("second-mini");
const rng = seededRandom(1);

/**
 * 20000 points as a spinning sensor sees an open place: on the ground at every distance, denser nearby, and on upright
 * walls; about 10000 voxels, as in a real frame of this range.
 */
function syntheticScan(): Float32Array {
  const points = new Float32Array(20000 * 4);
  for (let i = 0; i < points.length; i += 4) {
    const distance = 3 + 35 * rng() ** 2;
    const angle = (rng() - 0.5) * (Math.PI / 2);
    const wall = rng() < 0.3 && Math.floor(angle * 10) % 2 === 0;
    points[i] = distance * Math.cos(angle);
    points[i + 1] = distance * Math.sin(angle);
    points[i + 2] = wall ? -1.7 + 2 * rng() : -1.7 + 0.03 * rng();
    points[i + 3] = rng();
  }
  return points;
}

const scans = [syntheticScan(), syntheticScan()];
const frames = scans.map((scan) => prepareFrame(scan, config));
const batch = collateFrames(frames, config);
const weights = createWeights(config, rng);

function loss({ head }: ForwardResult) {
  const total = tf.addN([head.cls, head.box, head.dir].map((part) => tf.mean(tf.square(part)))) as tf.Scalar;
  return { total };
}

const check = lossGradients(weights, batch, { config, loss });
for (const gradient of Object.values(check.gradients)) expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
tf.dispose([check.losses, check.gradients, check.batchStatistics]);

const options = { iterations: 5, time: 0, warmupIterations: 1, warmupTime: 0 };

describe(`second-mini, batch of 2, ${batch.coords.length / 4} voxels, simd`, () => {
  bench("points to voxels", () => void scans.map((scan) => prepareFrame(scan, config)), options);
  bench("rulebooks", () => void collateFrames(frames, config), options);
  bench("forward, eval mode", () => tf.dispose(forwardSecond(weights, batch, { config })), options);
  bench("forward, train mode", () => tf.dispose(forwardSecond(weights, batch, { config, training: true })), options);
  bench(
    "forward and backward",
    () => {
      const { losses, gradients, batchStatistics } = lossGradients(weights, batch, { config, loss });
      tf.dispose([losses, gradients, batchStatistics]);
    },
    options,
  );
});
