import { describe, expect, it } from "vitest";
import { accelerationTable, curvesChart } from "../src/experiment/analyse-training.js";
import { METRICS, type Metric, type RunOutcome } from "../src/experiment/run-outcome.js";

/** A finished run with such AP of cars after such epochs. */
function run(arm: string, seed: number, curve: Readonly<Record<number, number>>): RunOutcome {
  const zero = Object.fromEntries(METRICS.map((metric) => [metric, 0])) as Record<Metric, number>;
  const epochs = Object.entries(curve).map(([epoch, ap]) => ({
    epoch: Number(epoch),
    ap: { ...zero, "Car 3D": ap },
  }));
  return { arm, seed, state: { kind: "finished", step: 8 }, epochs, end: undefined };
}

describe("AP by epoch", () => {
  it("is of the epochs that all runs were evaluated after, whichever comes first", () => {
    const often = run("plain", 0, { 1: 10, 2: 20, 3: 30, 4: 40 });
    const seldom = run("plain", 1, { 2: 22, 4: 44 });
    for (const runs of [
      [often, seldom],
      [seldom, often],
    ]) {
      const [{ points }] = curvesChart(runs, ["plain"], "Car 3D").series;
      expect(points).toEqual([
        { x: 2, y: 21, low: 20, high: 22 },
        { x: 4, y: 42, low: 40, high: 44 },
      ]);
    }
    const { title, series } = curvesChart([often], ["loss", "plain"], "Car 3D", "plain");
    expect([title, series.map(({ name }) => name)]).toEqual(["Car 3D by epoch of plain in all its arms", ["plain"]]);
  });
});

describe("epochs to a given accuracy", () => {
  it("has no R² where curves have none: of two epochs, or of a detector that finds nothing", () => {
    const runs = [0, 1].flatMap((seed) => [run("plain", seed, { 1: 10, 2: 20 }), run("loss", seed, { 1: 0, 2: 0 })]);
    const { rows } = accelerationTable(runs, [["loss", "plain"]]);
    expect(rows.map((row) => row.slice(-2))).toEqual([
      [null, null],
      [null, null],
    ]);
  });
});
