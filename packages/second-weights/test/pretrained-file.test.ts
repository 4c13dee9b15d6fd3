import * as tf from "@tensorflow/tfjs-core";
import { builtinConfig, createWeights, disposeWeights, encodeSafetensors, weightsToArrays } from "second-detector";
import { registerSimdBackend } from "tfjs-backend-simd";
import { beforeAll, describe, expect, it } from "vitest";
import {
  decodePretrained,
  encodePretrained,
  type ModelCard,
  type PretrainedDetector,
  type UsualEntropies,
} from "../src/index.js";

const config = builtinConfig("pointpillars-mini");
const card: ModelCard = {
  description: "none, for a test",
  license: "Apache-2.0",
  command: "none",
  training: { data: "none", frames: 0, epochs: 0, steps: 0, seed: 0, entropyLoss: false },
  validation: { data: "none", frames: 1, averages: { Car: { found: 12.5, perfect: 100 } } },
};
const usual: UsualEntropies = { monitor: { version: 1 }, threshold: 2, pointRange: [0, -1, -1, 1, 1, 1] };
let detector: PretrainedDetector;

beforeAll(async () => {
  registerSimdBackend();
  await tf.setBackend("simd");
  const weights = createWeights(config, Math.random);
  detector = { config, card, usual, weights: await weightsToArrays(weights) };
  disposeWeights(weights);
});

function bound(value: number): number {
  return Math.max(Math.abs(value) * 2 ** -11, 2 ** -25);
}

/** The same detector with one number of one tensor replaced. */
function withValue(name: string, value: number): PretrainedDetector {
  const { shape, data } = detector.weights.get(name)!;
  const changed = Float32Array.from(data);
  changed[1] = value;
  return { ...detector, weights: new Map(detector.weights).set(name, { shape, data: changed }) };
}

describe("a file of a trained detector", () => {
  it("gives back configuration, card, names and shapes, and filters to half a unit of float16", () => {
    const back = decodePretrained(encodePretrained(detector));
    expect(back.config).toEqual(config);
    expect(back.card).toEqual(card);
    expect(back.usual).toEqual(usual);
    expect([...back.weights.keys()].sort()).toEqual([...detector.weights.keys()].sort());
    for (const [name, { shape, data }] of detector.weights) {
      const read = back.weights.get(name)!;
      expect(read.shape).toEqual(shape);
      if (shape.length === 1) expect(read.data).toEqual(data);
      // 11 digits: half a unit in the last place is 2⁻¹¹ of the value; below 2⁻¹⁴ the step is 2⁻²⁴ throughout.
      else
        expect(data.filter((value, i) => Math.abs(read.data[i] - value) > bound(value))).toEqual(new Float32Array(0));
    }
  });

  it("has the same bytes again after it was read, and takes two bytes a weight", () => {
    const bytes = encodePretrained(detector);
    expect(Buffer.compare(encodePretrained(decodePretrained(bytes)), bytes)).toBe(0); // toEqual takes seconds for as many
    const weights = [...detector.weights.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(bytes.length).toBeLessThan(2.1 * weights + 20_000);
  });

  it.each([70_000, Number.NaN, Number.NEGATIVE_INFINITY])("does not write %d as a filter's number", (value) => {
    expect(() => encodePretrained(withValue("backbone.block0.0.weight", value))).toThrow(
      `encodePretrained: expected backbone.block0.0.weight[1] within ±65504, got ${value}`,
    );
  });

  it("refuses numbers that are not finite", () => {
    const bytes = encodePretrained(withValue("backbone.block0.0.bn.gamma", Number.NaN));
    expect(() => decodePretrained(bytes, "x")).toThrow(
      "decodePretrained: x: expected finite numbers for backbone.block0.0.bn.gamma, got NaN at 1",
    );
  });

  it("says what is wrong with another file", () => {
    const empty = encodeSafetensors(new Map());
    expect(() => decodePretrained(empty, "x.safetensors")).toThrow(
      'decodePretrained: x.safetensors: expected a trained detector ("second-weights 1"), got "undefined"',
    );
    expect(() => decodePretrained(encodePretrained(detector).subarray(0, 100), "x")).toThrow(/x.*expected/);
    const header = (texts: Record<string, string>) =>
      encodeSafetensors(new Map(), { metadata: new Map(Object.entries({ format: "second-weights 1", ...texts })) });
    expect(() => decodePretrained(header({ config: "{}", card: "{}" }), "x")).toThrow(/x, config: name: expected/);
    expect(() => decodePretrained(header({ config: JSON.stringify(config), card: "{" }), "x")).toThrow(
      'decodePretrained: x, card: expected JSON, got "{"',
    );
    expect(() => decodePretrained(header({ config: JSON.stringify(config), card: "{}" }), "x")).toThrow(
      /x, card: description: expected string/,
    );
  });
});
