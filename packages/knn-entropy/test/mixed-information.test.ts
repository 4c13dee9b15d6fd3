import { readFileSync } from "node:fs";
import { expectClose, normalSamples, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { discreteEntropy, ksgMutualInformation, lncMutualInformation, mixedMutualInformation } from "../src/index.js";

interface Fixture {
  readonly cases: readonly {
    readonly name: string;
    readonly shapes: readonly (readonly [number, number])[];
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly results: readonly { estimator: "mixed" | "lnc"; k: number; threshold?: number; I: number }[];
  }[];
  readonly discrete: readonly {
    readonly name: string;
    readonly shape: readonly [number, number];
    readonly x: readonly number[];
    readonly H: number;
    readonly millerMadow: number;
  }[];
}

const fixture = JSON.parse(
  readFileSync(new URL("./fixtures/mixed-information.json", import.meta.url), "utf8"),
) as Fixture;
/** Float64 against float64; sums of some terms of order 1. */
const ROUNDING = { relative: 1e-12, absolute: 1e-12 };
/** The oracle's principal axes are those of squares, which cost half of the digits of the smallest. */
const TURNED = { relative: 1e-8, absolute: 1e-8 };

describe("the float64 oracle's", () => {
  for (const { name, shapes, x, y, results } of fixture.cases) {
    it.each(results)(`${name}: $estimator, k = $k, threshold $threshold`, ({ estimator, k, threshold, I }) => {
      const options = { rows: shapes[0][0], xDims: shapes[0][1], yDims: shapes[1][1], k };
      const [xs, ys] = [Float64Array.from(x), Float64Array.from(y)];
      if (estimator === "mixed") expectClose(mixedMutualInformation(xs, ys, options).information, I, ROUNDING);
      else expectClose(lncMutualInformation(xs, ys, { ...options, threshold }).information, I, TURNED);
    });
  }
  it.each(fixture.discrete)("$name: discrete entropy", ({ shape: [rows, dims], x, H, millerMadow }) => {
    const options = { rows, dims };
    expectClose(discreteEntropy(Float64Array.from(x), options).entropy, H, ROUNDING);
    const corrected = discreteEntropy(Float64Array.from(x), { ...options, correction: "miller-madow" }).entropy;
    expectClose(corrected, millerMadow, ROUNDING);
  });
});

/** ψ at positive integers. */
const psi = (n: number) =>
  Array.from({ length: n - 1 }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b, -0.5772156649015329);
const levelsOf = (rng: () => number, rows: number, levels: number) =>
  Float64Array.from({ length: rows }, () => Math.floor(levels * rng()));
const pair = (rows: number) => ({ rows, xDims: 1, yDims: 1 });

describe("mixedMutualInformation", () => {
  it("by hand: two heads, two tails, k = 1: ψ(2) + log 4 − 2 ψ(2)", () => {
    const coin = Float64Array.of(0, 1, 0, 1);
    const { information, xCounts, zeroDistances } = mixedMutualInformation(coin, coin, { ...pair(4), k: 1 });
    expect(information).toBeCloseTo(Math.log(4) - psi(2), 13);
    expect([...xCounts]).toEqual([1, 1, 1, 1]);
    expect(zeroDistances).toBe(4);
  });

  it("is that of Kraskov with log N for ψ(N) where nothing is tied", () => {
    const x = normalSamples(seededRandom(81), 300);
    const y = x.map((v, i) => v + Math.sin(17 * i));
    const options = { ...pair(300), k: 4 };
    const difference = Math.log(300) - psi(300);
    expect(mixedMutualInformation(x, y, options).information).toBeCloseTo(
      ksgMutualInformation(x, y, options).information + difference,
      11,
    );
  });

  it.each([
    [2, 1000],
    [3, 20_000],
    [7, 5000],
  ])("%i levels with themselves, %i samples: the entropy, where Kraskov's estimate is far off", (levels, rows) => {
    const x = levelsOf(seededRandom(levels), rows, levels);
    const { information } = mixedMutualInformation(x, x, { ...pair(rows), k: 3 });
    // ψ(c) is below log c by 1/(2c): less than 1e-2 for these; shares of levels spread by less than that
    expect(Math.abs(information - Math.log(levels))).toBeLessThan(0.01);
  });

  it("X uniform on m integers, Y = X + uniform on [0, 2]: log m − (m − 1) log 2 / m", () => {
    const [rows, m, rng] = [4000, 5, seededRandom(83)];
    const x = levelsOf(rng, rows, m);
    const y = x.map((v) => v + 2 * rng());
    const { information } = mixedMutualInformation(x, y, { ...pair(rows), k: 5 });
    // deviation of one estimate about 0.015 at N = 4000
    expect(Math.abs(information - (Math.log(m) - ((m - 1) * Math.LN2) / m))).toBeLessThan(0.06);
  });

  it("zero-inflated: X = 0 with probability p, else exponential, and Y Poisson of mean X", () => {
    const [rows, p, rng] = [4000, 0.15, seededRandom(84)];
    const x = Float64Array.from({ length: rows }, () => (rng() < p ? 0 : -Math.log(1 - rng())));
    const y = x.map((mean) => {
      let count = -1;
      for (let product = 1; product > Math.exp(-mean); product *= rng()) count++;
      return Math.max(0, count);
    });
    // without inflation Y is geometric, of entropy 2 log 2, and I = 2 log 2 − γ − Σ log(n)/2ⁿ (the paper, section 5). The
    // zeros of both kinds are told apart by X alone, so in general I = H(Y) − (1 − p)(2 log 2 − that)
    const sum = (term: (n: number) => number) =>
      Array.from({ length: 60 }, (_, i) => term(i + 1)).reduce((a, b) => a + b);
    const given = 0.5772156649015329 + sum((n) => Math.log(n) / 2 ** n);
    const surprise = (q: number) => -q * Math.log(q);
    const exact = surprise(p + (1 - p) / 2) + sum((n) => surprise((1 - p) / 2 ** (n + 1))) - (1 - p) * given;
    const { information } = mixedMutualInformation(x, y, { ...pair(rows), k: 5 });
    expect(Math.abs(information - exact)).toBeLessThan(0.08);
  });

  describe("labels that many channels tell exactly, log 2", () => {
    const rows = 2000;
    const informationAt = (dims: number, apart: number) => {
      const x = normalSamples(seededRandom(87), rows * dims);
      const y = Float64Array.from({ length: rows }, (_, i) => {
        const sum = x.subarray(i * dims, (i + 1) * dims).reduce((total, value) => total + value, 0);
        return sum > 0 ? apart : 0;
      });
      return mixedMutualInformation(x, y, { rows, xDims: dims, yDims: 1, k: 3 }).information;
    };

    it("are found whole in one, half in sixteen", () => {
      expect(Math.abs(informationAt(1, 1000) - Math.LN2)).toBeLessThan(0.01);
      // estimates of other draws lie within 0.02 of each other
      expect(Math.abs(informationAt(16, 1000) - 0.34)).toBeLessThan(0.06);
    });

    it("count by how far apart they are, until no neighbour has another label", () => {
      expect(informationAt(16, 1)).toBeLessThan(0.05);
      expect(informationAt(16, 1e6)).toBe(informationAt(16, 1000));
    });
  });

  it("is symmetric, and does not change with order or a common scale", () => {
    const rows = 200;
    const x = levelsOf(seededRandom(85), rows, 4);
    const y = normalSamples(seededRandom(86), rows).map((v, i) => (i % 3 === 0 ? x[i] : v));
    const options = { ...pair(rows), k: 3 };
    const value = mixedMutualInformation(x, y, options).information;
    expect(mixedMutualInformation(y, x, options).information).toBeCloseTo(value, 12);
    expect(mixedMutualInformation(x.slice().reverse(), y.slice().reverse(), options).information).toBeCloseTo(
      value,
      12,
    );
    const [xs, ys] = [x, y].map((each) => each.map((v) => v * 2 ** -520));
    expect(mixedMutualInformation(xs, ys, options).information).toBe(value);
    const bits = mixedMutualInformation(x, y, { ...options, units: "bits" }).information;
    expect(bits).toBeCloseTo(value / Math.LN2, 12);
  });

  it("a sample with NaN makes the information NaN; bad arguments are named", () => {
    const x = Float64Array.of(0, Number.NaN, 0, 1);
    expect(mixedMutualInformation(x, x, { ...pair(4), k: 1 }).information).toBeNaN();
    expect(() => mixedMutualInformation(x, x, { ...pair(4), k: 4 })).toThrow("1..rows - 1 = 3 for k, got 4");
  });
});

describe("lncMutualInformation", () => {
  it("by hand: three samples near a diagonal, k = 2", () => {
    // offsets of the sample at 0: (1, 1) and (3, 3), on a line: infinite
    const line = Float64Array.of(0, 1, 3);
    expect(lncMutualInformation(line, line, { ...pair(3), k: 2 }).information).toBe(Infinity);
    // (1, 0) and (0, 1) turned by any angle fill no less than a quarter of the unit box: nothing is corrected
    const [x, y] = [Float64Array.of(0, 1, 0), Float64Array.of(0, 0, 1)];
    const { information, corrections } = lncMutualInformation(x, y, { ...pair(3), k: 2 });
    expect([...corrections]).toEqual([0, 0, 0]);
    expect(information).toBeCloseTo(ksgMutualInformation(x, y, { ...pair(3), k: 2, algorithm: 2 }).information, 13);
  });

  it.each([0.9, 0.99, 0.999, 0.9999])("Gaussians of correlation %f, where Kraskov's estimate gives out", (rho) => {
    const rows = 1000;
    const x = normalSamples(seededRandom(91), rows);
    const y = normalSamples(seededRandom(92), rows).map((v, i) => rho * x[i] + Math.sqrt(1 - rho * rho) * v);
    const exact = -0.5 * Math.log(1 - rho * rho);
    const options = { ...pair(rows), k: 5 };
    const own = lncMutualInformation(x, y, options).information - exact;
    const plain = ksgMutualInformation(x, y, { ...options, algorithm: 2 }).information - exact;
    expect(Math.abs(own)).toBeLessThan(0.35);
    if (rho === 0.9999) expect(Math.abs(own)).toBeLessThan(Math.abs(plain));
  });

  it("is symmetric, does not change with order, common shift and scale, and is local values' mean", () => {
    const rows = 150;
    const x = normalSamples(seededRandom(93), rows);
    const y = normalSamples(seededRandom(94), rows).map((v, i) => x[i] + 1e-2 * v);
    const options = { ...pair(rows), k: 5 };
    const { information, local, corrections } = lncMutualInformation(x, y, options);
    expect(Math.max(...corrections)).toBeGreaterThan(0);
    expect(local.reduce((sum, v) => sum + v, 0) / rows).toBeCloseTo(information, 12);
    expect(lncMutualInformation(y, x, options).information).toBeCloseTo(information, 10);
    expect(lncMutualInformation(x.slice().reverse(), y.slice().reverse(), options).information).toBeCloseTo(
      information,
      10,
    );
    for (const unit of [2 ** 530, 2 ** -530]) {
      const [xs, ys] = [x, y].map((each) => each.map((v) => v * unit));
      expect(lncMutualInformation(xs, ys, options).information).toBeCloseTo(information, 12);
    }
  });

  it("refuses what it cannot do", () => {
    const x = new Float64Array(5);
    expect(() => lncMutualInformation(x, x, { ...pair(5), k: 1 })).toThrow("at least xDims + yDims = 2 for k, got 1");
    expect(() => lncMutualInformation(x, x, { ...pair(5), k: 2, threshold: 0 })).toThrow("(0, 1] for threshold, got 0");
  });
});

describe("discreteEntropy", () => {
  it("by hand: −0 is 0, a half and two quarters", () => {
    const x = Float64Array.of(0, 2, -0, 5);
    const { entropy, counts } = discreteEntropy(x, { rows: 4, dims: 1, units: "bits" });
    expect(entropy).toBeCloseTo(1.5, 14);
    expect([...counts]).toEqual([2, 1, 1]);
    expect(discreteEntropy(x.subarray(0, 1), { rows: 1, dims: 1 }).entropy).toBe(0);
    const more = discreteEntropy(x, { rows: 4, dims: 1, correction: "miller-madow" }).entropy;
    expect(more).toBeCloseTo(1.5 * Math.LN2 + 2 / 8, 14);
  });

  it("counts samples whose bits are close", () => {
    const x = Float64Array.from({ length: 4000 }, (_, i) => 1 + (i % 1000) * Number.EPSILON);
    expect([...discreteEntropy(x, { rows: 4000, dims: 1 }).counts]).toEqual(new Array(1000).fill(4));
  });

  it("of NaN is NaN; another correction is refused", () => {
    expect(discreteEntropy(Float64Array.of(1, Number.NaN), { rows: 2, dims: 1 }).entropy).toBeNaN();
    const bad = { rows: 2, dims: 1, correction: "jackknife" as "none" };
    expect(() => discreteEntropy(Float64Array.of(1, 2), bad)).toThrow("miller-madow for correction, got jackknife");
  });
});
