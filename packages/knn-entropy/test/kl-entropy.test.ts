import { expectGradient, normalSamples, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { authorEntropy, authorEntropyGradient, klEntropy, klEntropyGradient, kthNeighbours } from "../src/index.js";
import { allPairsNeighbours } from "./oracle/all-pairs.js";

describe("kthNeighbours", () => {
  it("by hand: four points on a line", () => {
    const x = Float64Array.of(0, 1, 3, 7);
    expect([...kthNeighbours(x, { rows: 4, dims: 1, k: 1 }).radii]).toEqual([1, 1, 2, 4]);
    expect([...kthNeighbours(x, { rows: 4, dims: 1, k: 1 }).neighbours]).toEqual([1, 0, 1, 2]);
    expect([...kthNeighbours(x, { rows: 4, dims: 1, k: 3 }).neighbours]).toEqual([3, 3, 3, 0]);
  });

  it.each([
    [2, 1, 1],
    [5, 3, 4],
    [40, 33, 3],
    [70, 300, 7], // from here on by matrix products
    [64, 513, 1], // one coordinate more than a slice
    [128, 130, 12],
    [30, 1100, 29],
  ])("equals all pairs for %i samples of %i coordinates, k = %i, both norms", (rows, dims, k) => {
    const x = Float32Array.from(normalSamples(seededRandom(rows), rows * dims));
    for (const norm of ["euclidean", "max"] as const) {
      const expected = allPairsNeighbours(x, { rows, dims, k, norm });
      const actual = kthNeighbours(x, { rows, dims, k, norm });
      expect([...actual.neighbours]).toEqual(expected.neighbours);
      expected.radii.forEach((radius, row) => {
        expect(Math.abs(actual.radii[row] - radius)).toBeLessThan(1e-12 * radius);
      });
    }
  });

  const [rows, dims, k] = [64, 300, 3];
  const noise = normalSamples(seededRandom(5), rows * dims);
  it.each([
    [
      "pairs of near samples among far clusters",
      (v: number, i: number) => 1e-2 * v + 1e4 * ((i % dims) % 7 === Math.floor(i / dims / 4) % 7 ? 1 : 0),
    ],
    ["an offset common to all", (v: number) => 1e-3 * v + 1e4],
    ["many equal samples", (v: number, i: number) => (Math.floor(i / dims) % 3 === 0 ? 0 : Math.max(0, v))],
    ["only equal samples", () => 2],
    ["a lattice full of ties", (v: number) => Math.round(v)],
    ["squares below float32", (v: number) => 1e-25 * v],
    ["squares above float32", (v: number) => 1e25 * v],
  ])("equals all pairs: %s", (_, make) => {
    const x = Float32Array.from(noise, make);
    const expected = allPairsNeighbours(x, { rows, dims, k, norm: "euclidean" });
    const actual = kthNeighbours(x, { rows, dims, k });
    expect([...actual.neighbours]).toEqual(expected.neighbours);
    expected.radii.forEach((radius, row) => {
      expect(Math.abs(actual.radii[row] - radius)).toBeLessThanOrEqual(1e-14 * radius);
    });
  });

  it("leaves a sample with NaN undefined and the others defined", () => {
    const x = Float32Array.from(noise);
    x[5 * dims + 7] = Number.NaN;
    const { radii, neighbours } = kthNeighbours(x, { rows, dims, k });
    expect(neighbours[5]).toBe(-1);
    expect(radii[5]).toBeNaN();
    expect([...neighbours].filter((n) => n === -1 || n === 5)).toEqual([-1]);
    expect(klEntropy(x, { rows, dims, k }).entropy).toBeNaN();
  });

  it("refuses what it cannot do", () => {
    const x = new Float32Array(6);
    expect(() => kthNeighbours(x, { rows: 3, dims: 2, k: 3 })).toThrow("integer in 1..rows - 1 = 2 for k, got 3");
    expect(() => kthNeighbours(x, { rows: 3, dims: 3, k: 1 })).toThrow("expected 9 numbers [3,3] for x, got 6");
    expect(() => kthNeighbours([1, 2] as unknown as Float32Array, { rows: 2, dims: 1, k: 1 })).toThrow(TypeError);
    expect(() => klEntropy(x, { rows: 3, dims: 2, k: 1, floor: -1 })).toThrow("for floor, got -1");
  });
});

describe("klEntropy", () => {
  const [rows, dims, k] = [50, 3, 4];
  const x = normalSamples(seededRandom(11), rows * dims);
  const entropyOf = (samples: Float64Array) => klEntropy(samples, { rows, dims, k }).entropy;

  it("by hand: two samples at distance 2 on a line, ψ(2) − ψ(1) + log 2 + log 2", () => {
    expect(klEntropy(Float64Array.of(0, 2), { rows: 2, dims: 1, k: 1 }).entropy).toBeCloseTo(1 + 2 * Math.LN2, 14);
  });

  it("local values have the entropy as their mean, in bits too", () => {
    for (const norm of ["euclidean", "max"] as const) {
      const nats = klEntropy(x, { rows, dims, k, norm });
      const bits = klEntropy(x, { rows, dims, k, norm, units: "bits" });
      expect(nats.local.reduce((sum, value) => sum + value, 0) / rows).toBeCloseTo(nats.entropy, 12);
      expect(bits.entropy).toBeCloseTo(nats.entropy / Math.LN2, 12);
      expect(bits.local[3]).toBeCloseTo(nats.local[3] / Math.LN2, 12);
      const [inNats, inBits] = [nats, bits].map((result, i) =>
        klEntropyGradient(x, result, { rows, dims, k, norm, units: i === 0 ? "nats" : "bits" }),
      );
      expect(inBits[5]).toBeCloseTo(inNats[5] / Math.LN2, 12);
    }
    expect(() => klEntropy(x, { rows, dims, k, units: "bans" as "bits" })).toThrow("nats or bits for units, got bans");
  });

  it("H(a·X) = H(X) + D log a", () => {
    for (const a of [1e-6, 0.5, 3, 1e5])
      expect(entropyOf(x.map((value) => a * value))).toBeCloseTo(entropyOf(x) + dims * Math.log(a), 10);
  });

  it("does not change with translation, rotation or order", () => {
    expect(entropyOf(x.map((value, i) => value + 5 * (i % dims)))).toBeCloseTo(entropyOf(x), 10);
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const turned = x.map((value, i) =>
      i % 3 === 0 ? c * value - s * x[i + 1] : i % 3 === 1 ? s * x[i - 1] + c * value : value,
    );
    expect(entropyOf(turned)).toBeCloseTo(entropyOf(x), 10);
    const reversed = x.map((_, i) => x[(rows - 1 - Math.floor(i / dims)) * dims + (i % dims)]);
    expect(entropyOf(reversed)).toBeCloseTo(entropyOf(x), 12);
  });

  it("comes near the closed form of a Gaussian", () => {
    const n = 2000;
    const samples = normalSamples(seededRandom(3), 2 * n);
    const exact = Math.log(2 * Math.PI * Math.E); // two independent standard normals
    // one estimate at N = 1000, k = 3 deviates by 0.036; three of them at twice the samples
    expect(Math.abs(klEntropy(samples, { rows: n, dims: 2, k: 3 }).entropy - exact)).toBeLessThan(0.08);
  });

  it.each(["euclidean", "max"] as const)("has the gradient of central differences (%s)", (norm) => {
    const options = { rows, dims, k, norm };
    const gradient = klEntropyGradient(x, klEntropy(x, options), options);
    expectGradient(gradient, (moved) => klEntropy(moved, options).entropy, { at: x, every: 7, absolute: 1e-6 });
  });

  it("Σ gradient·x = D", () => {
    const options = { rows, dims, k };
    const gradient = klEntropyGradient(x, klEntropy(x, options), options);
    expect(gradient.reduce((sum, value, i) => sum + value * x[i], 0)).toBeCloseTo(dims, 10);
  });

  it("author: fewer than ten samples have k = 0 and all radii 0.1", () => {
    expect(authorEntropy(new Float32Array(2 * 9 * 4), { images: 2, rows: 9, dims: 4 }).entropy).toBeCloseTo(
      Math.log(1 + 0.1 * 18),
      14,
    );
  });

  it.each([1, 2, 9, 20])("author: refuses what is no typed array by its kind, %i samples", (rows) => {
    const sizes = { images: 1, rows, dims: 4 };
    const x = new Float32Array(4 * rows);
    const expected = (call: string) => new TypeError(`${call}: expected Float32Array or Float64Array for x, got Array`);
    expect(() => authorEntropy([...x] as never, sizes)).toThrow(expected("authorEntropy"));
    const result = authorEntropy(x, sizes);
    expect(() => authorEntropyGradient([...x] as never, result, sizes)).toThrow(expected("authorEntropyGradient"));
  });
});
