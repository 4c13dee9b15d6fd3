import { describe, expect, it } from "vitest";
import { kaplanMeier, logRankScores, medianWait, pairedLogRank, type Waiting } from "../src/experiment/survival.js";

const waits = (times: readonly number[], censored: readonly number[] = []): Waiting[] => [
  ...times.map((time) => ({ time, happened: true })),
  ...censored.map((time) => ({ time, happened: false })),
];

/** Weeks of remission of Freireich et al. 1963, the usual example of the method. */
const TREATED = waits([6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]);
const PLACEBO = waits([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]);

describe("Kaplan–Meier", () => {
  it("is the published curve of the remission data", () => {
    const curve = kaplanMeier(TREATED);
    expect(curve.map(({ time, atRisk }) => [time, atRisk])).toEqual([
      [6, 21],
      [7, 17],
      [10, 15],
      [13, 12],
      [16, 11],
      [22, 7],
      [23, 6],
    ]);
    // scipy.stats.ecdf of 1.17.1 on the same numbers
    const shares = [0.85714286, 0.80672269, 0.75294118, 0.69019608, 0.62745098, 0.53781513, 0.44817927];
    curve.forEach(({ share }, i) => {
      expect(share).toBeCloseTo(shares[i], 7);
    });
    expect([medianWait(TREATED), medianWait(PLACEBO)]).toEqual([23, 8]);
  });

  it("the median of ten is the time of the fifth, whatever the last bit of the product is", () => {
    // 8/10 · 6/8 · 5/6 is a half, and 0.5000000000000001 in float64
    expect(medianWait(waits([1, 1, 2, 2, 3, 4, 4, 5, 5, 6]))).toBe(3);
    for (let count = 2; count <= 60; count += 2) {
      const times = Array.from({ length: count }, (_, i) => i + 1);
      expect(medianWait(waits(times)), `of ${count}`).toBe(count / 2);
    }
  });

  it("without an event nothing falls; without censoring it is the share above", () => {
    expect(kaplanMeier(waits([], [1, 2]))).toEqual([]);
    expect(medianWait(waits([3], [4, 5, 6]))).toBeUndefined();
    expect(kaplanMeier(waits([1, 2, 2, 5])).map(({ share }) => share)).toEqual([0.75, 0.25, 0]);
  });
});

describe("the log-rank test", () => {
  it("scores sum to nothing, and to observed less expected in each group: 9 against 19.25, as published", () => {
    const scores = logRankScores([...TREATED, ...PLACEBO]);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    expect(sum(scores)).toBeCloseTo(0, 12);
    expect(sum(scores.slice(0, 21))).toBeCloseTo(9 - 19.25, 2);
  });

  it("by hand: of two waits, 1 and 2, hazards are 1/2 and 1", () => {
    expect(logRankScores(waits([1, 2]))).toEqual([0.5, 1 - 1.5]);
  });

  it("pairs: as a permutation test of scipy 1.17.1 finds it on the same differences", () => {
    const first = [6, 7, 5, 9, 6, 15, 8, 6].map((time, i) => ({ time, happened: i !== 5 }));
    const second = waits([8, 7, 7, 9, 8, 12, 10, 7]);
    const { difference, p } = pairedLogRank(first, second);
    expect(difference).toBeCloseTo(0.2520833333, 9);
    expect(p).toBe(0.25);
    expect(pairedLogRank(second, first)).toEqual({ difference: -difference, p });
  });

  it("pairs: the smallest p of n is 2^(1 − n), that of equal ones 1", () => {
    const [early, late] = [waits([1, 1, 1, 1]), waits([9, 9, 9, 9])];
    expect(pairedLogRank(early, late).p).toBe(1 / 8);
    expect(pairedLogRank(early, early).p).toBe(1);
    expect(() => pairedLogRank(early, late.slice(1))).toThrow(
      "pairedLogRank: expected two lists of one length, got 4 and 3",
    );
  });

  it("more than 20 pairs: nearly what every pattern gives, and as small as it can be where all say the same", () => {
    const side = (count: number, shift: number) =>
      waits(Array.from({ length: count }, (_, i) => 3 + ((7 * i + shift * (i % 3)) % 11)));
    const alone = pairedLogRank(side(20, 2), side(20, 0)).p;
    // a pair that nobody has seen wait for anything changes nothing: half of the patterns are the other half again
    const [first, second] = [2, 0].map((shift) => [...side(20, shift), { time: 1, happened: false }]);
    const { p } = pairedLogRank(first, second);
    expect(p).not.toBe(alone);
    expect(Math.abs(p - alone)).toBeLessThan(4 * Math.sqrt((alone * (1 - alone)) / 100_000)); // deviations of a share of as many
    expect(pairedLogRank(first, second).p).toBe(p);
    const [early, late] = [1, 9].map((time) => waits(Array<number>(40).fill(time)));
    expect(pairedLogRank(early, late).p).toBe(1 / 100_001);
    expect(pairedLogRank(early, early).p).toBe(1);
  });
});
