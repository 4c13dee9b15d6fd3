import { describe, expect, test } from "vitest";
import { oneCycle } from "../src/index.js";

const training = {
  learningRate: 1.8e-3,
  betas: [0.95, 0.99],
  oneCycle: { peakRatio: 10, endRatio: 1e-4, riseFraction: 0.4, peakBeta1: 0.85 },
} as const;
const at = (step: number, totalSteps: number) => oneCycle(step, { totalSteps, ...training });

describe("oneCycle", () => {
  test("by hand: ten steps, four of them up", () => {
    const rate = 1.8e-3;
    // a cosine is half way at half time and at ¼ (√2/2) of it: (1 ± √2/2)/2
    const quarter = (1 - Math.SQRT1_2) / 2;
    const expected: [number, number, number][] = [
      [0, rate, 0.95],
      [1, rate * (1 + 9 * quarter), 0.95 - 0.1 * quarter],
      [2, rate * 5.5, 0.9],
      [3, rate * (10 - 9 * quarter), 0.85 + 0.1 * quarter],
      [4, rate * 10, 0.85],
      [7, rate * ((10 + 1e-4) / 2), 0.9],
    ];
    for (const [step, learningRate, beta1] of expected) {
      expect(at(step, 10).learningRate, `rate of step ${step}`).toBeCloseTo(learningRate, 12);
      expect(at(step, 10).beta1, `beta1 of step ${step}`).toBeCloseTo(beta1, 12);
    }
  });

  test("rises to its peak, then falls; beta1 the other way; ends near its floor", () => {
    const steps = Array.from({ length: 1000 }, (_, step) => at(step, 1000));
    for (let step = 1; step < 1000; step++) {
      const isRising = step <= 400;
      expect(steps[step].learningRate > steps[step - 1].learningRate, `step ${step}`).toBe(isRising);
      expect(steps[step].beta1 < steps[step - 1].beta1, `step ${step}`).toBe(isRising);
    }
    expect(steps[999].learningRate).toBeLessThan(1.8e-3 * 3e-4);
    expect(steps[999].learningRate).toBeGreaterThan(1.8e-3 * 1e-4);
  });

  test("runs too short to rise begin at the peak; one that only rises never falls", () => {
    expect(at(0, 1).learningRate).toBeCloseTo(1.8e-2, 12);
    expect(at(0, 2).learningRate).toBeCloseTo(1.8e-2, 12);
    const rising = { totalSteps: 5, ...training, oneCycle: { ...training.oneCycle, riseFraction: 1 } };
    expect(oneCycle(4, rising).learningRate).toBeGreaterThan(oneCycle(3, rising).learningRate);
  });

  test("errors", () => {
    expect(() => at(10, 10)).toThrow("oneCycle: expected 0 to 9 for step, got 10");
    expect(() => at(0.5, 10)).toThrow("for step, got 0.5");
    expect(() => at(0, 0)).toThrow("oneCycle: expected a whole number above 0 for totalSteps, got 0");
  });
});
