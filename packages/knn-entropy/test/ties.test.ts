import { observeKernels } from "simd-kernels";
import { normalSamples, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import {
  addNoise,
  conditionalMutualInformation,
  ellipsoidEntropy,
  klEntropy,
  klEntropyGradient,
  klMutualInformation,
  klMutualInformationGradient,
  ksgMutualInformation,
  mixedMutualInformation,
  type NeighbourOptions,
  nearestNeighbours,
  renyiEntropy,
  renyiEntropyGradient,
  tsallisEntropy,
} from "../src/index.js";
import { allNearest } from "./oracle/all-nearest.js";

const levelsOf = (rng: () => number, rows: number, levels: number) =>
  Float64Array.from({ length: rows }, () => Math.floor(levels * rng()));

describe("discrete or tied samples", () => {
  it.each([
    [2, 1000],
    [3, 20_000],
    [10, 3000],
  ])("%i levels, %i samples: the result warns; noise and the mixed estimator are near the truth", (levels, rows) => {
    const x = levelsOf(seededRandom(101), rows, levels);
    const options = { rows, xDims: 1, yDims: 1, k: 4 };
    for (const algorithm of [1, 2] as const) {
      const { zeroDistances, warning, information } = ksgMutualInformation(x, x, { ...options, algorithm });
      expect(zeroDistances).toBe(rows);
      expect(warning).toContain(`${rows} of ${rows} distances to the k-th neighbour are 0`);
      expect(warning).toContain("add noise (option noise) or use mixedMutualInformation");
      if (algorithm === 1) expect(information).toBeGreaterThan(3 * Math.log(levels));
      for (const law of ["uniform", "normal"] as const) {
        const noisy = ksgMutualInformation(x, x, { ...options, algorithm, noise: { seed: 5, law } });
        expect(noisy.warning).toBeUndefined();
        expect(noisy.zeroDistances).toBe(0);
        // deviation of one estimate at most 0.02 (README, conformance)
        expect(Math.abs(noisy.information - Math.log(levels))).toBeLessThan(0.05);
      }
    }
    expect(Math.abs(mixedMutualInformation(x, x, options).information - Math.log(levels))).toBeLessThan(0.03);
  });

  it("continuous samples have no warning, and a few equal ones none in an information", () => {
    const x = normalSamples(seededRandom(102), 500);
    const y = normalSamples(seededRandom(103), 500);
    for (const values of [x, y]) values.fill(0, 0, 4);
    const options = { rows: 500, xDims: 1, yDims: 1, k: 3 };
    const result = ksgMutualInformation(x, y, options);
    expect(result.zeroDistances).toBe(4);
    expect("warning" in result).toBe(false);
    for (const values of [x, y]) values.fill(0, 0, 6);
    expect(ksgMutualInformation(x, y, options).warning).toContain("6 of 500");
    const given = { x, y, given: x };
    expect(conditionalMutualInformation(given, { ...options, givenDims: 1 }).warning).toContain("6 of 500");
  });

  it("entropies say how many distances are 0, a single one included unless a floor holds it", () => {
    const x = normalSamples(seededRandom(104), 200);
    x[7] = x[9];
    const options = { rows: 200, dims: 1, k: 1 };
    const all = [
      klEntropy(x, options),
      renyiEntropy(x, { ...options, q: 0.5 }),
      tsallisEntropy(x, { ...options, q: 1 }),
    ];
    for (const { zeroDistances, warning } of [...all, ellipsoidEntropy(x, options)]) {
      expect(zeroDistances).toBe(2);
      expect(warning).toContain("2 of 200");
      expect(warning).toContain("set a floor");
    }
    expect(klEntropy(x, { ...options, floor: 1e-3 }).warning).toBeUndefined();
    const half = x.map((v, i) => (i % 2 === 0 ? 1 : v));
    expect(klEntropy(half, { ...options, floor: 1e-3 }).warning).toContain("the floor decides");
    const three = klMutualInformation(half, x, { rows: 200, xDims: 1, yDims: 1, k: 1 });
    expect([three.zeroDistances, three.x.zeroDistances, three.joint.zeroDistances]).toEqual([102, 102, 2]);
    expect(three.warning).toContain("102 of 200");
  });

  it("an entropy is called infinite where it is", () => {
    const x = Float64Array.of(0, 0, 1, 3, 7, 12);
    for (const q of [-1, 0.5, 1, 1.5]) {
      for (const estimate of [renyiEntropy, tsallisEntropy]) {
        const { entropy, warning } = estimate(x, { rows: 6, dims: 1, k: 1, q });
        expect(warning).toContain(Number.isFinite(entropy) ? "the estimate is too low" : "the estimate is infinite");
        expect(Number.isFinite(entropy)).toBe(q < 1);
      }
    }
  });
});

describe("noise", () => {
  const rows = 400;
  const options = { rows, dims: 2 };

  it("is as large as said, on each coordinate, and as its seed", () => {
    const x = normalSamples(seededRandom(105), 2 * rows).map((v, i) => (i % 2 === 0 ? v : 1e6 * v));
    const offsets = (noise: { seed: number; size?: number; law?: "uniform" | "normal" }, d: number) =>
      addNoise(x, { ...options, ...noise })
        .map((v, i) => v - x[i])
        .filter((_, i) => i % 2 === d);
    const largest = (values: Float64Array) => Math.max(...values.map(Math.abs));
    for (const [d, deviation] of [1, 1e6].entries()) {
      const size = largest(offsets({ seed: 1, size: 1e-3 }, d)) / deviation;
      expect(size).toBeGreaterThan(0.9e-3);
      expect(size).toBeLessThan(1.15e-3); // the deviation of 400 samples
      const squares = offsets({ seed: 1, size: 1e-3, law: "normal" }, d).reduce((sum, v) => sum + v * v, 0);
      expect(Math.abs(Math.sqrt(squares / rows) / deviation / 1e-3 - 1)).toBeLessThan(0.2);
    }
    expect(offsets({ seed: 1 }, 0)).toEqual(offsets({ seed: 1 }, 0));
    expect(offsets({ seed: 1 }, 0)).not.toEqual(offsets({ seed: 2 }, 0));
  });

  it.each([0, 1, 1e160, 1e-160, -1e6])("parts 20000 samples that are all %f", (value) => {
    const noisy = addNoise(new Float64Array(20_000).fill(value), { rows: 20_000, dims: 1, seed: 3 });
    // of 2^26 numbers, a handful meet
    expect(new Set(noisy).size).toBeGreaterThan(19_980);
    const scale = Math.abs(value) || 1;
    for (const v of noisy) expect(Math.abs(v - value) / scale).toBeLessThan(1.01e-8);
  });

  it("survives the rounding of values far from 0", () => {
    const x = levelsOf(seededRandom(106), 300, 2).map((v) => 1e9 + v);
    const noisy = addNoise(x, { rows: 300, dims: 1, seed: 4 });
    expect(new Set(noisy).size).toBeGreaterThan(270);
    noisy.forEach((v, i) => {
      expect(Math.abs(v - x[i])).toBeLessThan(1e-3);
    });
  });

  it("is the same for an estimate and its gradient, and that of samples which have it already", () => {
    const x = normalSamples(seededRandom(107), 2 * rows).map((v) => Math.round(3 * v));
    const noise = { seed: 9, size: 1e-2 };
    const noisy = addNoise(x, { ...options, ...noise });
    const setting = { ...options, k: 2 };
    const result = klEntropy(x, { ...setting, noise });
    expect(result).toEqual(klEntropy(noisy, setting));
    expect(klEntropyGradient(x, result, { ...setting, noise })).toEqual(klEntropyGradient(noisy, result, setting));
    const order = { ...setting, q: 0.5 };
    const renyi = renyiEntropy(x, { ...order, noise });
    expect(renyiEntropyGradient(x, renyi, { ...order, noise })).toEqual(renyiEntropyGradient(noisy, renyi, order));
    const sizes = { rows: 2 * rows, xDims: 1, yDims: 1, k: 2, noise };
    const both = klMutualInformation(x, x, sizes);
    expect(Number.isFinite(both.information)).toBe(true);
    const gradient = klMutualInformationGradient({ x, y: x }, both, sizes);
    expect(gradient.x).not.toEqual(gradient.y); // each has its own noise
  });

  it("leaves the given array, NaN and infinite values as they are", () => {
    const x = Float32Array.of(1, Number.NaN, Infinity, 1);
    const noisy = addNoise(x, { rows: 4, dims: 1, seed: 1 });
    expect([...x]).toEqual([1, Number.NaN, Infinity, 1]);
    expect([noisy[1], noisy[2]]).toEqual([Number.NaN, Infinity]);
    expect(noisy[0]).not.toBe(noisy[3]);
  });

  it("refuses what it cannot do", () => {
    const of = (noise: object) => () =>
      klEntropy(new Float64Array(4), { rows: 4, dims: 1, k: 1, noise: noise as never });
    expect(of({ seed: 1.5 })).toThrow("klEntropy: expected an integer for noise.seed, got 1.5");
    expect(of({ seed: 1, size: 0 })).toThrow("positive finite number for noise.size, got 0");
    expect(of({ seed: 1, law: "cauchy" })).toThrow("uniform or normal for noise.law, got cauchy");
    expect(() => addNoise(new Float64Array(4), { rows: 4, dims: 0.5, seed: 1 })).toThrow(
      new RangeError("addNoise: expected a positive integer for dims, got 0.5"),
    );
  });
});

describe("equal points", () => {
  /** Samples in the tree that is searched: each of them meets few others. */
  function searched(x: Float64Array, options: NeighbourOptions) {
    const sizes: number[] = [];
    observeKernels(({ operation, args }, run) => {
      if (operation === "treeNeighbours") sizes.push((args[0] as { index: Int32Array }).index.length);
      run();
    });
    try {
      return { found: nearestNeighbours(x, options), sizes };
    } finally {
      observeKernels(undefined);
    }
  }

  it.each(["euclidean", "max"] as const)("80000 in the plane, %s: k + 1 of them are searched", (norm) => {
    const rows = 80_000;
    const { found, sizes } = searched(new Float64Array(2 * rows).fill(3), { rows, dims: 2, k: 3, norm });
    expect(sizes).toEqual([4]);
    expect(found.distances.every((distance) => distance === 0)).toBe(true);
    for (const [row, expected] of [
      [0, [1, 2, 3]],
      [2, [0, 1, 3]],
      [4, [0, 1, 2]],
      [rows - 1, [0, 1, 2]],
    ] as const)
      expect([...found.neighbours.subarray(3 * row, 3 * row + 3)]).toEqual(expected);
    const coins = ksgMutualInformation(new Float64Array(rows), new Float64Array(rows), {
      rows,
      xDims: 1,
      yDims: 1,
      k: 3,
    });
    expect(coins.zeroDistances).toBe(rows);
  });

  it.each([
    [
      "many copies of few points, and 0 and −0",
      (rng: () => number, i: number) => (i % 7 === 0 ? -0 : Math.floor(3 * rng())),
    ],
    ["a line with copies", (rng: () => number, i: number) => (i % 3 === 0 ? Math.floor(40 * rng()) : 1)],
    ["a grid", (_: () => number, i: number) => (i % 3 === 0 ? Math.floor(i / 90) : Math.floor(i / 3) % 30)],
    ["copies of one among others", (rng: () => number, i: number) => (i % 1200 < 600 ? 0.5 : rng())],
  ])("%s: as all pairs, one to three dimensions", (_, make) => {
    for (const dims of [1, 2, 3]) {
      const rows = 600;
      const rng = seededRandom(110 + dims);
      const x = Float64Array.from({ length: rows * dims }, (_, i) => make(rng, i));
      for (const norm of ["euclidean", "max"] as const) {
        const all = allNearest(x, { rows, dims, k: 60, norm }).neighbours;
        for (const k of [1, 5, 60]) {
          const { found, sizes } = searched(x, { rows, dims, k, norm });
          expect([...found.neighbours]).toEqual(all.flatMap((own) => own.slice(0, k)));
          const points = new Set(Array.from({ length: rows }, (_, i) => String(x.slice(i * dims, i * dims + dims))));
          expect(sizes[0]).toBeLessThanOrEqual((k + 1) * points.size);
        }
      }
    }
  });

  it("a sample with NaN among copies has no neighbours", () => {
    const x = new Float64Array(600).fill(1);
    x[17] = Number.NaN;
    const { neighbours } = nearestNeighbours(x, { rows: 600, dims: 1, k: 2 });
    expect([...neighbours.subarray(34, 36)]).toEqual([-1, -1]);
    expect([...neighbours.subarray(1198, 1200)]).toEqual([0, 1]);
  });
});
