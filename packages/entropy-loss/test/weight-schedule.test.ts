import { describe, expect, it } from "vitest";
import { type WeightSchedule, weightAt } from "../src/index.js";

describe("weightAt", () => {
  it.each([
    [{}, [1, 1, 1, 1, 1]],
    [{ rise: [0, 0.5] }, [0, 0.5, 1, 1, 1]],
    [{ fall: [0.5, 1] }, [1, 1, 1, 0.5, 0]],
    [{ rise: [0, 0.5], fall: [0.5, 1] }, [0, 0.5, 1, 0.5, 0]],
    [{ rise: [0, 0.5], shape: "cosine" }, [0, 0.5, 1, 1, 1]],
    [{ rise: [0.25, 0.25] }, [0, 1, 1, 1, 1]], // a switch
  ] as const)("%j at 0, ¼, ½, ¾, 1: %j", (schedule, expected) => {
    [0, 0.25, 0.5, 0.75, 1].forEach((time, i) => {
      expect(weightAt(time, schedule)).toBeCloseTo(expected[i], 12);
    });
  });

  it("a cosine starts and ends without a bend", () => {
    const schedule: WeightSchedule = { rise: [0, 1], shape: "cosine" };
    expect(weightAt(0.01, schedule)).toBeLessThan(1e-3);
    expect(weightAt(0.99, schedule)).toBeGreaterThan(1 - 1e-3);
  });

  it("stays within 0 and 1 and never falls while it rises", () => {
    for (const shape of ["linear", "cosine"] as const) {
      let before = 0;
      for (let time = 0; time <= 1; time += 1 / 64) {
        const weight = weightAt(time, { rise: [0.1, 0.8], shape });
        expect(weight).toBeGreaterThanOrEqual(before);
        expect(weight).toBeLessThanOrEqual(1);
        before = weight;
      }
    }
  });

  it.each([
    [() => weightAt(1.5), "weightAt: expected 0 to 1 for time, got 1.5"],
    [() => weightAt(Number.NaN), "for time, got NaN"],
    [() => weightAt(0, { rise: [0.5, 0.2] }), "expected 0 ≤ begin ≤ end ≤ 1 for rise, got [0.5, 0.2]"],
    [() => weightAt(0, { fall: [0, 2] }), "for fall, got [0, 2]"],
    [() => weightAt(0, { shape: "step" as "linear" }), "expected linear or cosine for shape, got step"],
  ])("refuses %#", (call, message) => {
    expect(call).toThrow(message);
  });
});
