import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, seededRandom, slopeAtZero } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, it } from "vitest";
import { type EntropyLossOptions, entropyLoss, measureEntropies } from "../src/index.js";

const [batch, height, width, channels] = [2, 4, 6, 20];
const rng = seededRandom(9);
const maps = Array.from({ length: 4 }, () =>
  Float32Array.from({ length: batch * height * width * channels }, () => rng() - 0.3),
);
const tapsOf = (all = maps) => all.map((map) => tf.tensor4d(map, [batch, height, width, channels]));

/** By loops: channels 0, 4, 8, 12, 16 and positions 0, 3, 6, … of a map. */
function picked(map: Float32Array): tf.Tensor4D {
  const values: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (let p = 0; p < height * width; p += 3) {
      for (let c = 0; c < channels; c += 4) values.push(map[(b * height * width + p) * channels + c]);
    }
  }
  return tf.tensor4d(values, [batch, 1, (height * width) / 3, channels / 4]);
}

describe.each(["cpu", "simd"])("subsampling on %s", (backend) => {
  beforeAll(async () => {
    registerSimdBackend();
    await tf.setBackend(backend);
  });
  const part = { channels: 5, positions: 8 };

  it.each(["kl", "author"] as const)("%s: the entropies are those of the picked part", (estimator) => {
    const found = measureEntropies([tapsOf()], { estimator, subsample: part });
    expect(found).toEqual(measureEntropies([maps.map(picked)], { estimator }));
    expect(found).not.toEqual(measureEntropies([tapsOf()], { estimator }));
  });

  it("all of a layer is the layer", () => {
    for (const more of [0, 1000]) {
      const all = { channels: channels + more, positions: height * width + more };
      expect(measureEntropies([tapsOf()], { subsample: all })).toEqual(measureEntropies([tapsOf()]));
    }
  });

  it("gradients reach the picked entries and no others, and are the central differences", () => {
    const options: EntropyLossOptions = { subsample: part, l2: "hinge" };
    const lossOf = (tap: tf.Tensor4D) => entropyLoss([[...tapsOf().slice(0, 3), tap]], options).loss;
    const gradient = tf.grad((x) => lossOf(x as tf.Tensor4D))(tapsOf()[3]);
    const values = gradient.dataSync();
    const outside = values.filter((_, i) => (i % channels) % 4 !== 0 || Math.floor(i / channels) % 3 !== 0);
    expect(outside.length).toBe(values.length - batch * 8 * 5);
    expect(outside.every((value) => value === 0)).toBe(true);
    const size = tf.norm(gradient).dataSync()[0];
    expect(size).toBeGreaterThan(0);
    const direction = tf.div(gradient, size);
    const at = (by: number) => lossOf(tf.add(tapsOf()[3], tf.mul(direction, by)) as tf.Tensor4D).dataSync()[0];
    expectClose(slopeAtZero(at, 0.01), size, { relative: 1e-2 });
  });

  it.each([
    [{ channels: 1 }, "expected a whole number of at least 2 for subsample.channels, got 1"],
    [{ positions: 0 }, "expected a whole number of at least 1 for subsample.positions, got 0"],
    [{ positions: 2.5 }, "got 2.5"],
  ])("refuses %j", (subsample, message) => {
    expect(() => measureEntropies([tapsOf()], { subsample })).toThrow(message);
  });
});
