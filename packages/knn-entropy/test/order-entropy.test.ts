import { expectGradient, normalSamples, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { klEntropy, renyiEntropy, renyiEntropyGradient, tsallisEntropy, tsallisEntropyGradient } from "../src/index.js";

const [rows, dims, k] = [60, 2, 4];
const x = normalSamples(seededRandom(31), rows * dims);
const forms = [
  ["Rényi", renyiEntropy, renyiEntropyGradient],
  ["Tsallis", tsallisEntropy, tsallisEntropyGradient],
] as const;

describe("Rényi and Tsallis entropies", () => {
  it("by hand: two samples at distance 3 on a line, q = 0.5 and k = 1", () => {
    // ζ = (N − 1) C c r = [Γ(1)/Γ(1.5)]² · 2 · 3, I = ζ^½
    const gamma = Math.sqrt(Math.PI) / 2;
    const root = Math.sqrt(6) / gamma;
    const options = { rows: 2, dims: 1, k: 1, q: 0.5 };
    expect(renyiEntropy(Float64Array.of(0, 3), options).entropy).toBeCloseTo(2 * Math.log(root), 13);
    expect(tsallisEntropy(Float64Array.of(0, 3), options).entropy).toBeCloseTo(2 * (root - 1), 13);
  });

  it("order 1 is Kozachenko–Leonenko with log(N − 1) for ψ(N)", () => {
    const shannon = klEntropy(x, { rows, dims, k }).entropy;
    const psi = -0.5772156649015329 + Array.from({ length: rows - 1 }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b);
    for (const [, entropy] of forms) {
      expect(entropy(x, { rows, dims, k, q: 1 }).entropy).toBeCloseTo(shannon + Math.log(rows - 1) - psi, 12);
    }
  });

  it.each(forms)("%s is continuous at order 1", (_, entropy) => {
    const at = (q: number) => entropy(x, { rows, dims, k, q }).entropy;
    expect(Math.abs(at(1 + 1e-6) - at(1))).toBeLessThan(1e-4);
    expect(Math.abs(at(1 - 1e-6) - at(1))).toBeLessThan(1e-4);
  });

  it("Tsallis is (e^{(1 − q) Rényi} − 1)/(1 − q)", () => {
    for (const q of [-1, 0.3, 2, 4.5]) {
      const renyi = renyiEntropy(x, { rows, dims, k, q }).entropy;
      const tsallis = tsallisEntropy(x, { rows, dims, k, q }).entropy;
      expect(tsallis).toBeCloseTo(Math.expm1((1 - q) * renyi) / (1 - q), 10);
    }
  });

  it("Rényi falls with the order, up to its noise, and H(aX) = H(X) + D log a, also in bits", () => {
    const at = (q: number, scale: number) =>
      renyiEntropy(
        x.map((v) => scale * v),
        { rows, dims, k, q },
      ).entropy;
    for (const q of [0.5, 1, 3]) expect(at(q, 7)).toBeCloseTo(at(q, 1) + dims * Math.log(7), 11);
    expect(at(0.5, 1)).toBeGreaterThan(at(3, 1));
    expect(renyiEntropy(x, { rows, dims, k, q: 2, units: "bits" }).entropy).toBeCloseTo(at(2, 1) / Math.LN2, 12);
  });

  it("comes near the closed form of a Gaussian: log(2π) + log(q)/(q − 1) in the plane", () => {
    const n = 4000;
    const samples = normalSamples(seededRandom(32), 2 * n);
    for (const q of [0.7, 2, 3]) {
      const exact = Math.log(2 * Math.PI) + Math.log(q) / (q - 1);
      const { entropy } = renyiEntropy(samples, { rows: n, dims: 2, k: 5, q });
      // some 1/√N for each of the few effective samples; the tails make small orders worse
      expect(Math.abs(entropy - exact)).toBeLessThan(0.06);
    }
  });

  it.each(forms)("%s: gradient of central differences", (_, entropy, gradientOf) => {
    for (const q of [0.5, 1, 2, 4.2]) {
      for (const norm of ["euclidean", "max"] as const) {
        const options = { rows, dims, k, q, norm };
        const gradient = gradientOf(x, entropy(x, options), options);
        const entropyOf = (moved: Float64Array) => entropy(moved, options).entropy;
        const label = `q ${q}, ${norm}`;
        expectGradient(gradient, entropyOf, { at: x, every: 5, ofLargest: 1e-6, absolute: 1e-6, label });
      }
    }
  });

  it("equal samples: the floor holds them, and they have no gradient", () => {
    const equal = new Float64Array(20).fill(3);
    const options = { rows: 20, dims: 1, k: 2, q: 2, floor: 0.1 };
    const result = renyiEntropy(equal, options);
    // ζ = 19 C 2 · 0.1 with C = [Γ(2)/Γ(1)]^{−1} = 1
    expect(result.entropy).toBeCloseTo(Math.log(19 * 0.2), 13);
    expect(renyiEntropyGradient(equal, result, options).every((value) => value === 0)).toBe(true);
    expect(renyiEntropy(equal, { ...options, floor: 0 }).entropy).toBe(-Infinity);
  });

  it("refuse an order of k + 1", () => {
    expect(() => renyiEntropy(x, { rows, dims, k, q: 5 })).toThrow("a finite number below k + 1 = 5 for q, got 5");
    expect(() => tsallisEntropy(x, { rows, dims, k, q: Number.NaN })).toThrow("for q, got NaN");
    expect(() => renyiEntropy(x, { rows, dims, k, q: 2, units: "bans" as "bits" })).toThrow("nats or bits for units");
  });
});
