import { expectGradient, normalSamples, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { ellipsoidEntropy, ellipsoidEntropyGradient, klEntropy } from "../src/index.js";

const [rows, dims, k] = [40, 3, 8];
const x = normalSamples(seededRandom(41), rows * dims);
const variants = ["lsb", "lsb-self", "kl-ellipsoid"] as const;

describe("ellipsoidEntropy", () => {
  it("by hand: the corners of a square and k = 2, s_1 and s_2 along the diagonals", () => {
    // each corner, its two neighbours at distance 1: centred, s_1² = 1 along the diagonal between the neighbours and
    // s_2² = 1/3 across. The neighbours lie at (½, ±½) in those axes over r (s_2/s_1): ½ + ½·3 = 2 > 1, outside.
    const square = Float64Array.of(0, 0, 1, 0, 0, 1, 1, 1);
    const { entropy, inside } = ellipsoidEntropy(square, { rows: 4, dims: 2, k: 2 });
    expect([...inside]).toEqual([0, 0, 0, 0]);
    expect(entropy).toBeCloseTo(Math.log(4) + Math.log(Math.PI) + Math.log(Math.sqrt(1 / 3)), 13);
  });

  it("H(aX) = H(X) + D log a; no change by translation or rotation", () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const turned = x.map((value, i) =>
      i % 3 === 0 ? c * value - s * x[i + 1] : i % 3 === 1 ? s * x[i - 1] + c * value : value,
    );
    for (const variant of variants) {
      const of = (samples: Float64Array) => ellipsoidEntropy(samples, { rows, dims, k, variant }).entropy;
      expect(of(x.map((v) => 50 * v))).toBeCloseTo(of(x) + dims * Math.log(50), 10);
      expect(of(x.map((v) => v + 3))).toBeCloseTo(of(x), 10);
      expect(of(turned)).toBeCloseTo(of(x), 10);
    }
  });

  it("is right for a flat Gaussian, where balls are not", () => {
    const n = 400;
    const flat = normalSamples(seededRandom(42), 3 * n).map((value, i) => (i % 3 === 2 ? 1e-4 * value : value));
    const exact = 1.5 * Math.log(2 * Math.PI * Math.E) + Math.log(1e-4);
    expect(Math.abs(ellipsoidEntropy(flat, { rows: n, dims: 3, k: 15 }).entropy - exact)).toBeLessThan(0.5);
    expect(klEntropy(flat, { rows: n, dims: 3, k: 15 }).entropy - exact).toBeGreaterThan(5);
  });

  it.each(variants)("%s: gradient of central differences", (variant) => {
    const options = { rows, dims, k, variant };
    const gradient = ellipsoidEntropyGradient(x, ellipsoidEntropy(x, options), options);
    const entropyOf = (moved: Float64Array) => ellipsoidEntropy(moved, options).entropy;
    expectGradient(gradient, entropyOf, { at: x, every: 3, absolute: 1e-6 });
  });

  it("local values have the entropy as their mean, in bits too", () => {
    const { entropy, local } = ellipsoidEntropy(x, { rows, dims, k });
    const bits = ellipsoidEntropy(x, { rows, dims, k, units: "bits" });
    expect(local.reduce((sum, value) => sum + value, 0) / rows).toBeCloseTo(entropy, 12);
    expect(bits.entropy).toBeCloseTo(entropy / Math.LN2, 12);
  });

  it("samples in a plane have entropy −Infinity and a finite gradient", () => {
    const plane = x.map((value, i) => (i % 3 === 2 ? 0 : value));
    const options = { rows, dims, k };
    const result = ellipsoidEntropy(plane, options);
    expect(result.entropy).toBe(-Infinity);
    expect(ellipsoidEntropyGradient(plane, result, options).every(Number.isFinite)).toBe(true);
  });

  it("refuses fewer neighbours than dimensions", () => {
    expect(() => ellipsoidEntropy(x, { rows, dims, k: 2 })).toThrow("at least dims = 3 for k, got 2");
    expect(() => ellipsoidEntropy(x, { rows, dims, k, variant: "ball" as "lsb" })).toThrow("for variant, got ball");
  });
});
