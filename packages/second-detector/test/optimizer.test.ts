import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, randomFloats, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AdamW, clipFactor, encodeSafetensors, float32Arrays, gradientNorm, parseSafetensors } from "../src/index.js";
import { adamwOracle } from "./oracle/adamw.js";

registerSimdBackend();

/** Of the largest weight, per step: roundings of w in float32, and what rounding m and v does to a step. */
const WEIGHT_TOLERANCE = 4e-7;
const options = { betas: [0.95, 0.99], weightDecay: 0.01 } as const;

describe.each(["cpu", "simd"])("on %s", (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });
  beforeEach(() => tf.engine().startScope());
  afterEach(() => {
    tf.disposeVariables();
    tf.engine().endScope();
  });

  describe("AdamW", () => {
    test("by hand: the first step has the size of the learning rate, and decay beside it", () => {
      const w = tf.variable(tf.tensor1d([1, -2, 3, 0]));
      new AdamW(new Map([["w", w]]), options).step({ w: tf.tensor1d([0.5, -1e-3, 0, 7]) }, { learningRate: 0.1 });
      // m/(1 − β₁) = g, v/(1 − β₂) = g²: each moves by lr·sign(g) after w·(1 − 0.1·0.01)
      expectClose(w.dataSync(), [0.999 - 0.1, -1.998 + 0.1, 2.997, -0.1], { ofLargest: 1e-6 });
    });

    test.each([1, 2, 7])("agrees with sums over all gradients after %i steps", (steps) => {
      const rng = seededRandom(steps);
      const start = randomFloats(rng, 40);
      const gradients = Array.from({ length: steps }, () =>
        randomFloats(rng, 40).map((g) => g * 10 ** (4 * rng() - 3)),
      );
      const rates = gradients.map(() => 0.01 * rng());
      const w = tf.variable(tf.tensor2d(start.slice(), [8, 5]));
      const optimizer = new AdamW(new Map([["w", w]]), options);
      gradients.forEach((g, t) => {
        optimizer.step({ w: tf.tensor2d(g, [8, 5]) }, { learningRate: rates[t] });
      });
      const numbers = { ...options, rates, epsilon: 1e-8 };
      const expected = adamwOracle(
        [...start],
        gradients.map((g) => [...g]),
        numbers,
      );
      expectClose(w.dataSync(), expected, {
        ofLargest: WEIGHT_TOLERANCE * steps,
      });
      expect(optimizer.steps).toBe(steps);
    });

    test("a state written, read and restored continues bit for bit", async () => {
      const run = async (resumeAt: number) => {
        const rng = seededRandom(40);
        let w: tf.Variable = tf.variable(tf.tensor1d(randomFloats(rng, 30)));
        let b: tf.Variable = tf.variable(tf.tensor2d(randomFloats(rng, 4), [2, 2]));
        let optimizer = new AdamW(
          new Map([
            ["w", w],
            ["b", b],
          ]),
          options,
        );
        for (let step = 0; step < 6; step++) {
          if (step === resumeAt) {
            const bytes = encodeSafetensors(await optimizer.toArrays());
            [w, b] = [w, b].map((variable) => tf.variable(tf.tensor(variable.dataSync().slice(), variable.shape)));
            optimizer = new AdamW(
              new Map<string, tf.Variable>([
                ["w", w],
                ["b", b],
              ]),
              options,
            );
            optimizer.restore(float32Arrays(parseSafetensors(bytes)));
          }
          const gradients = { w: tf.tensor1d(randomFloats(rng, 30)), b: tf.tensor2d(randomFloats(rng, 4), [2, 2]) };
          optimizer.step(gradients, { learningRate: 0.01, beta1: 0.95 - 0.01 * step });
        }
        return [...w.dataSync(), ...b.dataSync()];
      };
      const whole = await run(-1);
      expect(await run(3)).toEqual(whole);
      expect(await run(5)).toEqual(whole);
    });

    test("a scale of the gradients is the same as scaled gradients", () => {
      const rng = seededRandom(9);
      const [start, gradient] = [randomFloats(rng, 30), randomFloats(rng, 30)];
      const moved = (g: Float32Array, gradientScale?: number) => {
        const w = tf.variable(tf.tensor1d(start.slice()));
        new AdamW(new Map([["w", w]]), options).step({ w: tf.tensor1d(g) }, { learningRate: 0.1, gradientScale });
        return w.dataSync();
      };
      // A power of two: the products are exact.
      expect(moved(gradient, 0.25)).toEqual(moved(gradient.map((g) => 0.25 * g)));
      expect(moved(gradient, 1)).toEqual(moved(gradient));
    });

    test("what was read before a step stays; gradients stay; nothing leaks", async () => {
      const w = tf.variable(tf.tensor1d([1, 2]));
      const gradient = tf.tensor1d([3, 4]);
      const optimizer = new AdamW(new Map([["w", w]]), options);
      const held = w.dataSync();
      const state = await optimizer.toArrays();
      const before = tf.memory().numTensors;
      optimizer.step({ w: gradient }, { learningRate: 0.5 });
      expect([...held]).toEqual([1, 2]);
      expect([...gradient.dataSync()]).toEqual([3, 4]);
      expect([...state.get("w.first")!.data]).toEqual([0, 0]);
      // m = (1 − β₁)g and v = (1 − β₂)g²
      const moved = await optimizer.toArrays();
      expectClose(moved.get("w.first")!.data, [0.15, 0.2], { ofLargest: 1e-6 });
      expectClose(moved.get("w.second")!.data, [0.09, 0.16], { ofLargest: 1e-6 });
      expect(tf.memory().numTensors).toBe(before);
      optimizer.dispose();
      expect(tf.memory().numTensors).toBe(before - 2);
    });

    test("a parameter with no elements", () => {
      const w = tf.variable(tf.tensor1d([], "float32"));
      new AdamW(new Map([["w", w]]), options).step({ w: tf.tensor1d([], "float32") }, { learningRate: 1 });
      expect(w.shape).toEqual([0]);
    });

    test("errors, before anything has moved", async () => {
      const w = tf.variable(tf.tensor1d([1]));
      const b = tf.variable(tf.tensor1d([1, 2]));
      const optimizer = new AdamW(
        new Map<string, tf.Variable>([
          ["w", w],
          ["b", b],
        ]),
        options,
      );
      const step =
        (gradients: Record<string, tf.Tensor>, learningRate = 1) =>
        () =>
          optimizer.step(gradients, { learningRate });
      expect(step({ w: tf.ones([1]) })).toThrow("AdamW.step: expected [2] for b, got none");
      expect(step({ w: tf.ones([1]), b: tf.ones([2, 1]) })).toThrow("AdamW.step: expected [2] for b, got [2,1]");
      expect(step({ w: tf.ones([1]), b: tf.ones([2]) }, Number.NaN)).toThrow("for learningRate, got NaN");
      expect(optimizer.steps).toBe(0);
      expect(w.dataSync()[0]).toBe(1);
      expect(() => new AdamW(new Map(), { ...options, betas: [1, 0.9] })).toThrow("for a beta, got 1");
      expect(() => new AdamW(new Map(), { ...options, weightDecay: -1 })).toThrow("for weightDecay, got -1");
      const state = await optimizer.toArrays();
      const without = new Map([...state].filter(([name]) => name !== "b.second"));
      expect(() => optimizer.restore(without)).toThrow("AdamW.restore: expected [2] for b.second, got none");
      expect(() => optimizer.restore(new Map([...state, ["c", state.get("step")!]]))).toThrow("got c");
      const broken = new Map([...state, ["step", { shape: [1], data: Float32Array.of(1.5) }]]);
      expect(() => optimizer.restore(broken)).toThrow("expected 0 to 16777216 for step, got 1.5");
      const moved = { shape: [1], data: Float32Array.of(7) };
      const long = { shape: [2], data: Float32Array.of(1, 2, 3) };
      expect(() => optimizer.restore(new Map([...state, ["w.first", moved], ["b.second", long]]))).toThrow(
        "AdamW.restore: expected 2 numbers for b.second, got 3",
      );
      expect(await optimizer.toArrays()).toEqual(state);
    });
  });

  describe("clipFactor", () => {
    test("by hand: 3, 4 and 12 have the norm 13", () => {
      const gradients = { a: tf.tensor1d([3, 4]), b: tf.scalar(12) };
      const { factor, norm } = clipFactor(gradients, { maxNorm: 6.5 });
      expect(norm).toBe(13);
      expect(factor).toBeCloseTo(0.5, 6);
    });

    test("the norm of any number of entries is that of their squares, in order or not", () => {
      const rng = seededRandom(5);
      for (const length of [1, 2, 3, 4, 5, 7, 1000]) {
        const values = randomFloats(rng, length);
        const expected = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
        expect(Math.abs(gradientNorm({ a: tf.tensor1d(values) }) / expected - 1)).toBeLessThan(1e-14);
      }
    });

    test("smaller ones pass unchanged", () => {
      expect(clipFactor({ a: tf.tensor1d([3, 4]) }, { maxNorm: 10 }).factor).toBe(1);
    });

    test("no gradients, zero gradients", () => {
      expect(clipFactor({}, { maxNorm: 1 })).toEqual({ factor: 1, norm: 0 });
      expect(clipFactor({ a: tf.zeros([2]) }, { maxNorm: 1 })).toEqual({ factor: 1, norm: 0 });
    });

    test("names a gradient that is not finite", () => {
      const gradients = { a: tf.ones([2]), "b.weight": tf.tensor1d([1, Number.NaN]) };
      expect(() => clipFactor(gradients, { maxNorm: 1 })).toThrow(
        "clipFactor: expected finite gradients, got a norm of NaN (b.weight)",
      );
      expect(() => clipFactor({}, { maxNorm: 0 })).toThrow("expected a number above 0 for maxNorm, got 0");
    });
  });
});
