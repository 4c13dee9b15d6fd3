import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { seededRandom } from "test-support";
import { beforeAll, describe, expect, test } from "vitest";
import { createWeights, disposeWeights, foldBatchNorm, type NamedArray, weightsToArrays } from "../src/index.js";
import { tinyConfig } from "./tiny/tiny-config.js";
import { withRandomNorms } from "./tiny/trained-arrays.js";

const config = tinyConfig();

beforeAll(async () => {
  await tf.setBackend("cpu");
});

async function freshArrays(seed: number): Promise<Map<string, NamedArray>> {
  const weights = createWeights(config, seededRandom(seed));
  const arrays = await weightsToArrays(weights);
  disposeWeights(weights);
  return arrays;
}

describe("foldBatchNorm", () => {
  test("by hand: one channel of a layer, the output channel being last", async () => {
    const arrays = await freshArrays(1);
    const set = (name: string, channel: number, value: number) => {
      arrays.get(`backbone.block0.0.${name}`)!.data[channel] = value;
    };
    // variance + epsilon = 4: gamma 6 scales by 3, and 5 − 2·3 = −1
    set("bn.var", 1, 4 - config.batchNorm.epsilon);
    set("bn.gamma", 1, 6);
    set("bn.beta", 1, 5);
    set("bn.mean", 1, 2);
    const before = arrays.get("backbone.block0.0.weight")!;
    const folded = foldBatchNorm(arrays, config);
    const { shape, data } = folded.get("backbone.block0.0.weight")!;
    expect(shape).toEqual([3, 3, 8, 4]);
    for (let i = 1; i < data.length; i += 4) expect(data[i] / before.data[i]).toBeCloseTo(3, 5);
    expect(folded.get("backbone.block0.0.bias")!.shape).toEqual([4]);
    expect(folded.get("backbone.block0.0.bias")!.data[1]).toBeCloseTo(-1, 5);
  });

  test("by hand: the neck keeps its output channel before the input ones", async () => {
    const arrays = await freshArrays(2);
    arrays.get("neck.1.bn.gamma")!.data[2] = 0;
    arrays.get("neck.1.bn.beta")!.data[2] = 7;
    const { shape, data } = foldBatchNorm(arrays, config).get("neck.1.weight")!;
    expect(shape).toEqual([2, 2, 4, 6]);
    data.forEach((value, i) => {
      const channel = Math.floor(i / 6) % 4;
      expect(value === 0, `entry ${i}`).toBe(channel === 2);
    });
  });

  test("identity statistics change a filter by the epsilon alone", async () => {
    const arrays = await freshArrays(3);
    const folded = foldBatchNorm(arrays, config);
    const scale = 1 / Math.sqrt(1 + config.batchNorm.epsilon);
    for (const [name, { shape, data }] of folded) {
      const original = arrays.get(name);
      if (name.startsWith("head.")) expect(data, name).toEqual(original!.data);
      else if (name.endsWith(".bias")) expect(new Set(data), name).toEqual(new Set([0]));
      else {
        expect(shape).toEqual(original!.shape);
        expect(data, name).toEqual(original!.data.map((value) => value * scale));
      }
    }
    const layers = 12 + 4 + 2 + 3;
    expect(folded.size).toBe(2 * layers);
  });

  test("changes nothing that it is given, and refuses what it cannot fold", async () => {
    const arrays = withRandomNorms(await freshArrays(4), seededRandom(5));
    const copy = structuredClone(arrays);
    foldBatchNorm(arrays, config);
    expect(arrays).toEqual(copy);
    arrays.get("neck.0.bn.var")!.data[1] = -0.5;
    expect(() => foldBatchNorm(arrays, config)).toThrow(
      "foldBatchNorm: expected a variance above −0.001 for neck.0.bn.var, got -0.5",
    );
    arrays.delete("encoder.input.bn.mean");
    expect(() => foldBatchNorm(arrays, config)).toThrow(
      "foldBatchNorm: weights do not fit the configuration: missing encoder.input.bn.mean",
    );
  });
});
