import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { seededRandom } from "test-support";
import { beforeAll, describe, expect, test } from "vitest";
import {
  assignWeights,
  builtinConfig,
  createWeights,
  disposeWeights,
  updateRunningStatistics,
  weightShapes,
  weightsFromArrays,
  weightsToArrays,
} from "../src/index.js";
import { tinyConfig } from "./tiny/tiny-config.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("weightShapes", () => {
  test("second-mini: names, layouts and counts", () => {
    const { trainable, running } = weightShapes(builtinConfig("second-mini"));
    expect(trainable.get("encoder.input.weight")).toEqual([3, 3, 3, 4, 16]);
    expect(trainable.get("encoder.output.weight")).toEqual([3, 1, 1, 32, 64]);
    expect(trainable.get("backbone.block1.0.weight")).toEqual([3, 3, 64, 128]);
    expect(trainable.get("neck.1.weight")).toEqual([2, 2, 64, 128]); // transposed: [kh, kw, out, in]
    expect(trainable.get("head.dir.bias")).toEqual([12]);
    // 12 sparse + 8 backbone + 2 neck units of three tensors, three heads of two
    expect(trainable.size).toBe(22 * 3 + 3 * 2);
    expect(running.size).toBe(22 * 2);
  });
});

describe("createWeights", () => {
  test("one seed, one set of weights; another seed, another", async () => {
    const config = tinyConfig();
    const [a, b, c] = [1, 1, 2].map((seed) => createWeights(config, seededRandom(seed)));
    const [arraysA, arraysB, arraysC] = await Promise.all([a, b, c].map(weightsToArrays));
    expect(arraysA).toEqual(arraysB);
    expect(arraysA.get("encoder.input.weight")).not.toEqual(arraysC.get("encoder.input.weight"));
    for (const weights of [a, b, c]) disposeWeights(weights);
  });

  test("the classifier starts at one percent, norms at the identity, convolutions at √(2 / fan-in)", async () => {
    const weights = createWeights(builtinConfig("second-mini"), seededRandom(1));
    const arrays = await weightsToArrays(weights);
    for (const bias of arrays.get("head.cls.bias")!.data) expect(1 / (1 + Math.exp(-bias))).toBeCloseTo(0.01, 6);
    expect(new Set(arrays.get("neck.0.bn.gamma")!.data)).toEqual(new Set([1]));
    expect(new Set(arrays.get("neck.0.bn.var")!.data)).toEqual(new Set([1]));
    expect(new Set(arrays.get("neck.0.bn.mean")!.data)).toEqual(new Set([0]));
    // 3·3·128·128 = 147456 draws: the sample deviation is within 1 % of √(2/1152) by more than five sigma.
    const values = arrays.get("backbone.block1.2.weight")!.data;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    expect(deviation / Math.sqrt(2 / (9 * 128))).toBeCloseTo(1, 2);
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan((5 * deviation) / Math.sqrt(values.length));
    disposeWeights(weights);
  });
});

describe("loading weights", () => {
  test("to arrays and back is the identity, and assigning restores them", async () => {
    const config = tinyConfig();
    const before = tf.memory().numTensors;
    const weights = createWeights(config, seededRandom(3));
    const arrays = await weightsToArrays(weights);
    const again = weightsFromArrays(config, arrays);
    expect(await weightsToArrays(again)).toEqual(arrays);
    const other = createWeights(config, seededRandom(4));
    assignWeights(other, arrays);
    expect(await weightsToArrays(other)).toEqual(arrays);
    for (const each of [weights, again, other]) disposeWeights(each);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("lists what is missing, unknown and of another shape", async () => {
    const config = tinyConfig();
    const weights = createWeights(config, seededRandom(3));
    const arrays = await weightsToArrays(weights);
    disposeWeights(weights);
    const bias = arrays.get("head.cls.bias")!;
    arrays.delete("neck.0.bn.mean");
    arrays.set("head.cls.bias", { shape: [2], data: new Float32Array(2) });
    arrays.set("surprise", bias);
    expect(() => weightsFromArrays(config, arrays)).toThrow(
      `weightsFromArrays: weights do not fit the configuration: missing neck.0.bn.mean; unknown surprise; expected shape [${bias.shape}] for head.cls.bias, got [2]`,
    );
  });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])("weights with a %d are refused by name and place", async (number) => {
  const config = tinyConfig();
  const weights = createWeights(config, seededRandom(3));
  const arrays = await weightsToArrays(weights);
  arrays.get("neck.0.bn.gamma")!.data[2] = number;
  const message = `expected finite numbers for neck.0.bn.gamma, got ${number} at 2`;
  expect(() => weightsFromArrays(config, arrays)).toThrow(
    `weightsFromArrays: weights do not fit the configuration: ${message}`,
  );
  expect(() => assignWeights(weights, arrays)).toThrow(message);
  disposeWeights(weights);
});

describe("updateRunningStatistics", () => {
  test("by hand: momentum 0.25, two rows, variance made unbiased", () => {
    const weights = createWeights(tinyConfig(), seededRandom(3));
    const channels = weights.running.get("neck.0.bn.mean")!.size;
    const statistics = (rows: number) => ({
      "neck.0": { mean: tf.fill([channels], 8) as tf.Tensor1D, variance: tf.fill([channels], 2) as tf.Tensor1D, rows },
    });
    updateRunningStatistics(weights, statistics(2), { momentum: 0.25 });
    // mean 0.75·0 + 0.25·8 = 2; variance 0.75·1 + 0.25·(2·2/1) = 1.75
    expect(weights.running.get("neck.0.bn.mean")!.dataSync()[0]).toBe(2);
    expect(weights.running.get("neck.0.bn.var")!.dataSync()[0]).toBe(1.75);
    // no rows: no news
    updateRunningStatistics(weights, statistics(0), { momentum: 0.25 });
    expect(weights.running.get("neck.0.bn.mean")!.dataSync()[0]).toBe(2);
    expect(() => updateRunningStatistics(weights, { nowhere: statistics(2)["neck.0"] }, { momentum: 0.5 })).toThrow(
      "updateRunningStatistics: expected a layer with nowhere.bn.mean, got none",
    );
    disposeWeights(weights);
  });
});
