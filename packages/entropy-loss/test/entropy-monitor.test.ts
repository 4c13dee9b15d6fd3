import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { EntropyMonitor } from "../src/index.js";

/** Entropies of two blocks that fall evenly, with some noise. */
function clean(rng: () => number): number[][] {
  return [[3, 2.5, 2, 1.5].map((h) => h + 0.1 * (rng() - 0.5)), [1, 0.8, 0.6].map((h) => h + 0.1 * (rng() - 0.5))];
}

function trained(count: number, seed: number): { monitor: EntropyMonitor; inputs: number[][][] } {
  const rng = seededRandom(seed);
  const monitor = new EntropyMonitor();
  const inputs = Array.from({ length: count }, () => clean(rng));
  for (const input of inputs) monitor.observe(input);
  return { monitor, inputs };
}

/** The same quantities and two passes over all of them. */
function twoPasses(inputs: readonly number[][][], input: readonly number[][]) {
  const rows = [...inputs, input].map((entropies) => {
    const changes = entropies.map((block) => block.slice(1).map((h, i) => h - block[i]));
    const variances = changes.map((block) => {
      const mean = block.reduce((a, b) => a + b, 0) / block.length;
      return block.reduce((a, b) => a + (b - mean) ** 2, 0) / block.length;
    });
    return { l1: variances.reduce((a, b) => a + b, 0), values: [...entropies.flat(), ...changes.flat()] };
  });
  const last = rows.pop()!;
  const squares = last.values.map((value, q) => {
    const column = rows.map(({ values }) => values[q]);
    const mean = column.reduce((a, b) => a + b, 0) / column.length;
    const variance = column.reduce((a, b) => a + (b - mean) ** 2, 0) / (column.length - 1);
    return (value - mean) ** 2 / variance;
  });
  const meanL1 = rows.reduce((sum, { l1 }) => sum + l1, 0) / rows.length;
  return {
    l1: last.l1,
    l1Ratio: last.l1 / meanL1,
    deviation: Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length),
  };
}

describe("EntropyMonitor", () => {
  it("by hand: one block of two taps, H 0 → 0 or 2 on clean data", () => {
    const monitor = new EntropyMonitor();
    monitor.observe([[0, 0]]);
    monitor.observe([[0, 2]]);
    // The second H and ΔH have mean 1 and variance 2, the first H none: (3 − 1)²/2 = 2, twice, over three quantities.
    expect(monitor.score([[0, 3]]).deviation).toBeCloseTo(Math.sqrt(4 / 3), 12);
    expect(monitor.score([[1, 3]]).deviation).toBe(Number.POSITIVE_INFINITY); // a first H other than 0 was never seen
  });

  it("equals two passes over all inputs, also far from zero", () => {
    for (const offset of [0, 1e6]) {
      const rng = seededRandom(2);
      const inputs = Array.from({ length: 50 }, () => clean(rng).map((block) => block.map((h) => h + offset)));
      const monitor = new EntropyMonitor();
      for (const input of inputs) monitor.observe(input);
      const strange = [[4, 2.5, 2.4, 1].map((h) => h + offset), [1, 1, 0].map((h) => h + offset)];
      const [found, expected] = [monitor.score(strange), twoPasses(inputs, strange)];
      // At an offset of 1e6 the entropies themselves are rounded to 1e-10, of deviations of 0.03.
      const digits = offset === 0 ? 10 : 5;
      expect(found.deviation / expected.deviation).toBeCloseTo(1, digits);
      expect(found.l1Ratio / expected.l1Ratio).toBeCloseTo(1, digits);
      expect(found.l1).toBe(expected.l1);
    }
  });

  it("clean inputs deviate by about 1, others by more, in whichever direction", () => {
    const { monitor } = trained(400, 3);
    const rng = seededRandom(4);
    const fresh = Array.from({ length: 200 }, () => monitor.score(clean(rng)).deviation);
    expect(fresh.reduce((a, b) => a + b, 0) / 200).toBeCloseTo(1, 1);
    for (const shift of [-0.5, 0.5]) {
      const strange = clean(rng).map((block) => block.map((h, i) => h + shift * i));
      expect(monitor.score(strange).deviation).toBeGreaterThan(Math.max(...fresh));
    }
  });

  it("the order of clean inputs does not matter but for rounding, and scoring changes nothing", () => {
    const { monitor, inputs } = trained(60, 5);
    const backwards = new EntropyMonitor();
    for (const input of [...inputs].reverse()) {
      backwards.observe(input);
      if (backwards.count > 2) backwards.score(inputs[0]);
    }
    const strange = clean(() => 0.99);
    expect(backwards.score(strange).deviation).toBeCloseTo(monitor.score(strange).deviation, 9);
  });

  it("a threshold keeps its rate of false alarms on fresh clean inputs", () => {
    const { monitor } = trained(300, 6);
    const rng = seededRandom(7);
    const score = () => monitor.score(clean(rng)).deviation;
    const threshold = EntropyMonitor.threshold(Array.from({ length: 400 }, score), { falseAlarmRate: 0.1 });
    const alarms = Array.from({ length: 2000 }, score).filter((value) => value > threshold).length;
    // 10 % expected; the threshold itself varies by √(0.1·0.9/400) = 1.5 %
    expect(alarms / 2000).toBeGreaterThan(0.05);
    expect(alarms / 2000).toBeLessThan(0.15);
  });

  it("thresholds by hand: of 19 scores the 5 % one is the largest, of 18 there is none", () => {
    const scores = Array.from({ length: 19 }, (_, i) => 19 - i);
    expect(EntropyMonitor.threshold(scores)).toBe(19);
    expect(EntropyMonitor.threshold(scores.slice(1))).toBe(Number.POSITIVE_INFINITY);
    expect(EntropyMonitor.threshold(scores, { falseAlarmRate: 0.5 })).toBe(10);
  });

  it("a threshold is of the rank that the rate says, whatever rounding makes of it", () => {
    for (const count of [9, 99, 199, 999]) {
      const scores = Array.from({ length: count }, (_, i) => i + 1);
      for (let percent = 1; percent < 100; percent++) {
        const threshold = EntropyMonitor.threshold(scores, { falseAlarmRate: percent / 100 });
        const rank = Number((BigInt((count + 1) * (100 - percent)) + 99n) / 100n);
        expect(threshold, `${percent} % of ${count}`).toBe(rank > count ? Number.POSITIVE_INFINITY : rank);
      }
    }
    expect(EntropyMonitor.threshold([1, 2], { falseAlarmRate: 1 - 1e-13 })).toBe(1);
  });

  it("blocks of two taps have no L1: its ratio to clean data is 1, and a threshold can be made of it", () => {
    const monitor = new EntropyMonitor();
    for (const h of [1, 2, 3]) monitor.observe([[h, 0]]);
    const { l1, l1Ratio } = monitor.score([[7, 0]]);
    expect([l1, l1Ratio]).toEqual([0, 1]);
    expect(EntropyMonitor.threshold([l1Ratio], { falseAlarmRate: 0.5 })).toBe(1);
    const straight = new EntropyMonitor();
    for (const h of [1, 2]) straight.observe([[0, h, 2 * h]]);
    expect(straight.score([[0, 1, 3]]).l1Ratio).toBe(Number.POSITIVE_INFINITY);
  });

  it("goes through JSON unchanged, bit for bit", () => {
    const { monitor } = trained(20, 8);
    const copy = EntropyMonitor.fromJSON(JSON.parse(JSON.stringify(monitor)));
    expect(copy.toJSON()).toEqual(monitor.toJSON());
    const input = clean(seededRandom(9));
    expect(copy.score(input)).toEqual(monitor.score(input));
    for (const each of [copy, monitor]) each.observe(input);
    expect(copy.toJSON()).toEqual(monitor.toJSON());
    expect(EntropyMonitor.fromJSON(new EntropyMonitor().toJSON()).count).toBe(0);
  });

  const state = trained(3, 10).monitor.toJSON();
  it.each([
    [null, "expected 1 for version"],
    [{ ...state, version: 2 }, "expected 1 for version"],
    [{ ...state, taps: [4, 0] }, "whole numbers above 0 for taps"],
    [{ ...state, taps: Array(70000).fill(1) }, "for taps"],
    [{ ...state, taps: [] }, "whole numbers above 0 for taps"],
    [{ ...state, count: -1 }, "whole number of at least 0 for count"],
    [{ ...state, mean: state.mean.slice(1) }, "13 finite numbers for mean"],
    [{ ...state, mean: [...state.mean.slice(1), "1"] }, "13 finite numbers for mean"],
    [{ ...state, squares: state.squares.map(() => -1) }, "13 finite numbers of at least 0 for squares"],
  ])("refuses a state that is no state: %#", (value, message) => {
    expect(() => EntropyMonitor.fromJSON(value)).toThrow(message);
  });

  it.each([
    [(m: EntropyMonitor) => m.observe([]), "EntropyMonitor.observe: expected one block or more, got none"],
    [(m: EntropyMonitor) => m.observe([[1], []]), "EntropyMonitor.observe: expected a tap in each block, got [1,0]"],
    [(m: EntropyMonitor) => m.observe([[1, 2]]), "expected blocks of [4,3] taps, got [2]"],
    [
      (m: EntropyMonitor) =>
        m.score([
          [1, 2, 3, Number.NaN],
          [1, 2, 3],
        ]),
      "score: expected finite entropies",
    ],
    [() => new EntropyMonitor().score([[1]]), "expected two clean inputs or more to be observed first, got 0"],
    [() => EntropyMonitor.threshold([]), "expected one number or more for scores"],
    [() => EntropyMonitor.threshold([1], { falseAlarmRate: 1 }), "above 0 and below 1 for falseAlarmRate, got 1"],
  ])("refuses %#", (call, message) => {
    expect(() => call(trained(3, 11).monitor)).toThrow(message);
  });
});
