import { describe, expect, it } from "vitest";
import { precisionTable } from "../src/experiment/analyse-precision.js";
import {
  answerOf,
  bootstrapDifference,
  primaryAnswer,
  primaryTable,
  secondaryTable,
} from "../src/experiment/analyse-replication.js";
import {
  comparedReadingsTable,
  frameDeviations,
  readingsTable,
  stabilityTable,
  varianceTable,
} from "../src/experiment/analyse-spread.js";
import { waitDifferences, waitingChart, waitingTable, waitsOf } from "../src/experiment/analyse-waiting.js";
import { accuracyDifferences } from "../src/experiment/compare-arms.js";
import { drawFrames } from "../src/experiment/frame-precision.js";
import type { ResampledRun } from "../src/experiment/replicated-runs.js";
import { METRICS, type Metric, type RunOutcome } from "../src/experiment/run-outcome.js";
import { deviation, equivalence, holm, pairedSpreadRatio, quantile } from "../src/experiment/statistics.js";
import { randomStream } from "../src/system/random.js";

describe("equivalence", () => {
  const differences = [1.5, -0.4, 2.2, 0.8, 1.1, -1, 3];

  it("is the larger of both one-sided tests of scipy 1.17.1", () => {
    const { low, high, p } = equivalence(differences, 2);
    expect(p).toBeCloseTo(0.05761091779453759, 9);
    expect(low).toBeCloseTo(0.0032139590196593737, 7);
    expect(high).toBeCloseTo(2.053928898123197, 7);
  });

  it("is at most 5 % just where the 90 % interval lies within the bounds", () => {
    const { high } = equivalence(differences, 2);
    expect(equivalence(differences, high + 1e-6).p).toBeLessThan(0.05);
    expect(equivalence(differences, high - 1e-6).p).toBeGreaterThan(0.05);
    expect(
      equivalence(
        differences.map((value) => -value),
        2,
      ).p,
    ).toBeCloseTo(equivalence(differences, 2).p, 12);
  });

  it("of equal differences is certain; of one there is none; a bound must be above 0", () => {
    expect([equivalence([1, 1], 2).p, equivalence([3, 3], 2).p]).toEqual([0, 1]);
    expect(equivalence([1], 2).p).toBeNaN();
    expect(() => equivalence([1, 2], 0)).toThrow("equivalence: expected a bound above 0, got 0");
  });
});

describe("Holm's correction", () => {
  it("by hand: 0.005 · 4, 0.01 · 3, 0.03 · 2, and 0.04 no smaller than the one before", () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((value, i) => {
      expect(adjusted[i]).toBeCloseTo(value, 12);
    });
  });

  it("is at most 1, and a comparison that was not made counts", () => {
    const adjusted = holm([0.6, Number.NaN, 0.02]);
    expect([adjusted[0], adjusted[1]]).toEqual([1, Number.NaN]);
    expect(adjusted[2]).toBeCloseTo(0.06, 12);
  });
});

describe("spread", () => {
  const a = [70.1, 72.4, 69.8, 74, 71.5, 73.3, 68.9, 70.7];
  const b = [71, 72, 71.1, 72.7, 71.8, 72.5, 70.4, 71.3];

  it("of pairs: ratio, and interval and p as scipy's correlation of sums and differences gives them", () => {
    const { ratio, low, high, p } = pairedSpreadRatio(a, b);
    expect(ratio).toBeCloseTo(2.263529658246489, 12);
    expect(p / 2.9929249450753973e-6).toBeCloseTo(1, 3);
    // the ratios θ at which the correlation of a + θb and a − θb has p = 0.05, found by scipy's brentq
    expect(low).toBeCloseTo(1.9807483418025207, 6);
    expect(high).toBeCloseTo(2.586682217842433, 6);
    const swapped = pairedSpreadRatio(b, a);
    expect(swapped.low * high).toBeCloseTo(1, 9);
    expect(swapped.p).toBeCloseTo(p, 12);
  });

  it("quantiles as NumPy's default has them; deviation by hand", () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    [1, 3.5, 8.475].forEach((expected, i) => {
      expect(quantile(values, [0.025, 0.5, 0.975][i])).toBeCloseTo(expected, 12);
    });
    expect(quantile([], 0.5)).toBeNaN();
    expect(deviation([1, 2, 3])).toBeCloseTo(1, 12);
    expect(deviation([1])).toBeNaN();
  });
});

describe("draws of frames", () => {
  it("are as many as there are frames, some of them twice, and the same for every run", () => {
    const counts = drawFrames(200, 3);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(200);
    expect(drawFrames(200, 3)).toEqual(counts);
    expect(drawFrames(200, 4)).not.toEqual(counts);
    // (1 − 1/200)^200 of them are left out, 0.367: within four deviations of 0.03
    expect(counts.filter((count) => count === 0).length / 200).toBeGreaterThan(0.25);
    expect(counts.filter((count) => count === 0).length / 200).toBeLessThan(0.48);
  });
});

/** Normal numbers of their own for each name. */
function normals(count: number, name: string): number[] {
  const rng = randomStream(2, name);
  return Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng()));
}

describe("frames and seeds apart", () => {
  it("finds the deviations that runs were made with", () => {
    // value = common error of the draw (deviation 3) + own error of run and draw (deviation 1)
    const common = normals(4000, "common").map((value) => 3 * value);
    const draws = Array.from({ length: 6 }, (_, run) => normals(4000, `run ${run}`).map((own, i) => own + common[i]));
    const { frames, within } = frameDeviations(draws);
    expect(frames).toBeCloseTo(Math.sqrt(10), 1);
    expect(within).toBeCloseTo(1, 1);
  });

  it("bootstraps a mean difference over both: its spread is that of seeds and frames together", () => {
    const offsets = normals(12, "seeds").map((value) => 2 * value + 1);
    const run = (arm: string, seed: number, offset: number): ResampledRun => {
      const draws = Float64Array.from(normals(1000, `${arm} ${seed}`), (value) => 50 + offset + value);
      return { arm, seed, all: 50 + offset, quarter: 50, draws };
    };
    const pairs = offsets.map((offset, seed) => [run("with", seed, offset), run("without", seed, 0)] as const);
    const { low, high } = bootstrapDifference(pairs);
    const middle = offsets.reduce((sum, value) => sum + value, 0) / 12;
    // of a mean of twelve: the population deviation of the offsets, and √2 of the draws of both runs, whose squares count by how often
    // a seed is drawn: the mean square of that is 2 − 1/12
    const expected = Math.sqrt((deviation(offsets) ** 2 * (11 / 12) + 2 * (2 - 1 / 12)) / 12);
    expect((low + high) / 2).toBeCloseTo(middle, 0);
    expect((high - low) / (2 * 1.96 * expected)).toBeGreaterThan(0.85);
    expect((high - low) / (2 * 1.96 * expected)).toBeLessThan(1.15);
    expect(bootstrapDifference([]).low).toBeNaN();
  });
});

/** A finished run whose Car 3D AP goes through these values. */
function outcome(arm: string, seed: number, car: readonly number[], average?: number): RunOutcome {
  const ap = (value: number) => Object.fromEntries(METRICS.map((metric) => [metric, value])) as Record<Metric, number>;
  return {
    arm,
    seed,
    state: { kind: "finished", step: car.length },
    epochs: car.map((value, i) => ({ epoch: i + 1, ap: ap(value) })),
    average: average === undefined ? undefined : ap(average),
    end: undefined,
  };
}

describe("tables of the replication", () => {
  const seeds = [0, 1, 2, 3];
  const outcomes = seeds.flatMap((seed) => [
    outcome("plain", seed, [10, 40, 60, 70 + seed, 70 + seed], 71),
    outcome("plain-l1", seed, [30, 60, 70, 72 + seed, 71.5 + 1.5 * seed], 72 + seed),
  ]);
  const resampled = outcomes.map(({ arm, seed, epochs }): ResampledRun => {
    const all = epochs.at(-1)!.ap["Car 3D"];
    return {
      arm,
      seed,
      all,
      quarter: all - seed,
      draws: Float64Array.from(normals(200, `${arm}${seed}`), (z) => all + z),
    };
  });
  const replicated = { outcomes, resampled };
  const l1 = ["plain-l1", "plain"] as const;

  it("the primary one says what is there, and answers only when all is", () => {
    // differences 1.5, 2, 2.5, 3: mean 2.25, deviation 0.6455, t(0.975; 3) = 3.1824 → ± 1.027
    const [row] = primaryTable(replicated, l1, 4).rows;
    expect(row.slice(0, 2)).toEqual(["plain-l1 against plain", 4]);
    expect(row[4]).toBe("+2.25 (+1.22 to +3.28), p 0.006");
    expect(row.at(-1)).toBe("gain");
    const { outcomes, resampled } = replicated;
    expect(primaryTable({ outcomes, resampled: resampled.slice(1) }, l1, 4).rows[0][5]).toBeNull(); // of one run nothing else is known
    const early = primaryTable(replicated, l1, 10);
    expect(early.rows[0].at(-1)).toBe("interim");
    expect(early.note).toContain("Interim: 4 of 10 pairs are there, and nothing follows from them.");
    const none = primaryTable({ outcomes: [], resampled: [] }, l1, 10).rows[0];
    expect(none.slice(1, 7)).toEqual([0, null, null, null, null, null]);
  });

  it("the answer in a sentence is that of the table, and none before all pairs are there", () => {
    expect(primaryAnswer(outcomes, l1, 4)).toBe(
      "Gain: plain-l1 less plain is +2.25 Car 3D AP (95 % interval +1.22 to +3.28, 4 pairs).",
    );
    expect(primaryAnswer(outcomes, l1, 10)).toBe(
      "No answer yet: 4 of 10 pairs are there, and nothing follows from them.",
    );
  });

  it("between precisions less counts as none, and the average of the weights is read beside", () => {
    // 90 %: 2.25 ± 2.3534 · 0.6455 / 2
    const table = precisionTable(outcomes, l1);
    expect(table.rows.map((row) => row[1])).toEqual([4, 4, 4, 4, 4]);
    expect(table.rows[0].slice(4)).toEqual(["+2.25 (+1.22 to +3.28), p 0.006", "+1.49 to +3.01, p 0.949"]);
    // 1, 2, 3, 4: mean 2.5, deviation 1.291
    expect(table.rows[4][4]).toMatch(/^\+2\.50 \(\+0\.45 to \+4\.55\)/);
    const alike = [outcome("plain", 0, [70]), outcome("plain", 1, [71])].concat([
      outcome("plain-l1", 0, [71.4]),
      outcome("plain-l1", 1, [72.4]),
    ]);
    expect(primaryAnswer(alike, l1, 2)).toMatch(/^Gain/);
    expect(precisionTable(alike, l1).rows[0][5]).toBe("+1.40 to +1.40, p < 0.001");
  });

  it("the drawing has every pair, the mean and its interval, and nothing where there is no pair", () => {
    const { alike, rows } = accuracyDifferences(outcomes, [l1, ["absent", "plain"]], { alike: 2 });
    expect(alike).toBe(2);
    expect(rows[0]).toMatchObject({ name: "plain-l1 − plain", pairs: [1.5, 2, 2.5, 3], mean: 2.25 });
    expect(rows[0].low).toBeCloseTo(1.223, 3);
    expect(rows).toHaveLength(1);
  });

  it.each([
    [0.1, 2.5, 0.2, "gain"],
    [-3, -0.1, 0.9, "harm"],
    [-1, 1.5, 0.05, "no difference that matters"],
    [-1, 2.5, 0.051, "undecided"],
  ])("an interval from %f to %f with p %f of equivalence is %s", (low, high, p, answer) => {
    expect(answerOf({ low, high }, p)).toBe(answer);
  });

  it("the secondary ones are corrected together, the waits among them", () => {
    const table = secondaryTable(replicated, {
      arms: [["absent", "plain"]],
      metrics: [{ comparison: l1, metric: "Cyclist 3D" }],
      waits: l1,
    });
    expect(table.rows.map((row) => [row[1], row[2]])).toEqual([
      ["Car 3D", 0],
      ["Cyclist 3D", 4],
      ["epochs to 75 %", 4],
    ]);
    // of the arms in Car 3D alone, none of which is there
    expect(table.rows.map((row) => row[7])).toEqual([null, null, null]);
    expect(
      secondaryTable(replicated, { arms: [l1, ["absent", "plain"]], metrics: [], waits: l1 }).rows[0].slice(6),
    ).toEqual(["0.752", "1.000"]);
    // three comparisons, one of which could not be made: 3 · 0.00609 and the larger of that and 2 · 0.125
    expect(table.rows.map((row) => row[4])).toEqual([null, "0.018", "0.250"]);
  });

  it("waits are for a share of the plain run's end", () => {
    const pairs = [[outcomes[1], outcomes[0]]] as const;
    expect(waitsOf(pairs, 0.75)).toEqual([[{ time: 2, happened: true }], [{ time: 3, happened: true }]]);
    const slow = outcome("plain-l1", 0, [1, 2, 3, 4, 5]);
    expect(waitsOf([[slow, outcomes[0]]], 0.5)[0]).toEqual([{ time: 5, happened: false }]);
    const rows = waitingTable(replicated, [l1]).rows;
    expect(rows.map((row) => row.slice(1))).toEqual([
      ["50 %", 4, 2, 0, 2, 0, "1.000"],
      ["75 %", 4, 2, 0, 3, 0, "0.125"],
      ["90 %", 4, 3, 0, 4, 0, "0.125"],
    ]);
    expect(waitDifferences(outcomes, [l1]).rows.map(({ name, pairs }) => [name, pairs])).toEqual([
      ["plain-l1 − plain, to 50 %", [0, 0, 0, 0]],
      ["plain-l1 − plain, to 75 %", [-1, -1, -1, -1]],
      ["plain-l1 − plain, to 90 %", [-1, -1, -1, -1]],
    ]);
    expect(waitingChart(replicated, l1).series.map(({ points }) => points)).toEqual([
      [
        { x: 0, y: 0 },
        { x: 2, y: 0 },
        { x: 2, y: 1 },
      ],
      [
        { x: 0, y: 0 },
        { x: 3, y: 0 },
        { x: 3, y: 1 },
      ],
    ]);
  });

  it("readings, spread and stability of the same pairs", () => {
    const rows = readingsTable(replicated, l1).rows;
    // the ends without: 70 to 73, deviation 1.29; differences 1.5 to 3, deviation 0.65; a third of it over means of three, as the end is all that differs by seed; the averages differ by 1 to 4
    expect(rows.map((row) => row.slice(3, 5))).toEqual([
      ["0.00", "0.65"],
      ["1.29", "0.65"],
      ["0.86", "0.22"],
      ["0.00", "1.29"],
    ]);
    // differences 1.5 to 3, those of the means of three a third of that apart from 4.5 on, those of the averages 1 to 4 (checked with scipy)
    const [compared, absent] = comparedReadingsTable(replicated, [l1, ["absent", "plain"]]).rows;
    expect(compared).toEqual([
      "plain-l1 against plain",
      4,
      "+2.25 (+1.22 to +3.28), p 0.006",
      "0.752",
      "+4.75 (+4.41 to +5.09), p < 0.001",
      "1.000",
      "+2.50 (+0.45 to +4.55), p 0.030",
      "0.752",
    ]);
    expect(absent.slice(1)).toEqual([0, null, null, null, null, null, null]);
    const [row] = stabilityTable(replicated, [l1]).rows;
    expect(row.slice(2, 4)).toEqual(["1.94", "1.29"]);
    const [spread, missing] = varianceTable(replicated, ["plain", "absent"]).rows;
    expect(spread.slice(0, 3)).toEqual(["plain", 4, "1.29"]);
    expect(Number(spread[3])).toBeCloseTo(1, 0);
    expect(Number(spread[5]) ** 2 + Number(spread[4]) ** 2).toBeCloseTo(1.29 ** 2, 1);
    expect(missing).toEqual(["absent", 0, null, null, null, null]);
  });
});
