import { describe, expect, it } from "vitest";
import { fastestInTurn, latencyOf, quartilesOf } from "../src/measure.js";
import { stageClock } from "../src/step/stage-clock.js";

describe("latencyOf", () => {
  it("takes the nearest rank: of fewer than a hundred the slowest is p99", () => {
    expect(latencyOf([5, 1, 3])).toEqual({ p50: 3, p99: 5, runs: 3 });
    const many = Array.from({ length: 200 }, (_, i) => 200 - i);
    expect(latencyOf(many)).toEqual({ p50: 100, p99: 198, runs: 200 });
  });
});

describe("fastestInTurn", () => {
  it("runs the candidates in turn, as many rounds as asked for, and gives a time for each", () => {
    const order: string[] = [];
    const seconds = fastestInTurn([() => order.push("a"), () => order.push("b")], { milliseconds: 0, rounds: 3 });
    expect(order.join("")).toBe("ababab");
    expect(seconds).toHaveLength(2);
    for (const time of seconds) expect(time).toBeGreaterThanOrEqual(0);
  });
});

describe("stageClock", () => {
  it("gives each stage the time until the next begins", () => {
    let time = 0;
    const clock = stageClock(() => time);
    for (const [stage, at] of [
      ["forward", 10],
      ["losses", 13],
      ["backward", 20],
    ] as const) {
      time = at;
      clock.begin(stage);
    }
    time = 31;
    expect(clock.stop()).toEqual({ forward: 3, losses: 7, backward: 11 });
    expect(clock.stop()).toEqual({});
  });
});

it.each([
  [[4], [4, 4, 4]],
  [
    [3, 1, 2],
    [1.5, 2, 2.5],
  ],
  [
    [9, 1, 4, 2],
    [1.75, 3, 5.25],
  ],
  [
    [5, 3, 1, 2, 4],
    [2, 3, 4],
  ],
])("quartiles of %j", (values, [lower, median, upper]) => {
  expect(quartilesOf(values)).toEqual({ lower, median, upper, count: values.length });
});
