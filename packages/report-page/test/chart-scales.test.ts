import { describe, expect, it } from "vitest";
import { tickFormat } from "../browser/charts/tick-format.js";
import { runColour, runDash } from "../browser/run-strokes.js";

describe("tickFormat", () => {
  it.each([
    { values: [0.2, 3, 40_000], ticks: undefined },
    { values: [5, -2e5], ticks: ["0", "-2e5", "1.5e5"] },
    { values: [2e-4, 1e-6], ticks: ["0", "1e-4", "1.25e-4"] },
    { values: [2e10], ticks: ["0", "5e9", "1e10"] },
    { values: [0, 0], ticks: undefined },
    { values: [1, null, undefined, Number.NaN, Number.POSITIVE_INFINITY], ticks: undefined },
    { values: [], ticks: undefined },
  ])("of $values has $ticks", ({ values, ticks }) => {
    const format = tickFormat(values);
    if (ticks === undefined) expect(format).toBeUndefined();
    else expect(ticks.map((text) => format!(Number(text)))).toEqual(ticks);
  });
});

describe("strokes of runs", () => {
  it("more runs than colours share them, with other dashes", () => {
    const strokes = Array.from({ length: 36 }, (_, run) => `${runColour(run)} ${runDash(run)}`);
    expect(new Set(strokes).size).toBe(36);
    expect(new Set(strokes.map((stroke) => stroke.split(" ")[0]))).toEqual(
      new Set([0, 1, 2, 3, 4, 5].map((colour) => `var(--run-${colour})`)),
    );
    expect(strokes.slice(0, 2)).toEqual(["var(--run-0) none", "var(--run-1) 7 3"]);
  });
});
