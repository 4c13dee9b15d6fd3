import { expectClose } from "test-support";
import { describe, expect, it } from "vitest";
import { digamma, logGamma, logUnitBallVolume } from "../src/index.js";
import golden from "./fixtures/special-functions.json" with { type: "json" };

/** Float64 rounding over a dozen operations; absolute below 1, where the functions cross zero. */
const ROUNDING = { relative: 1e-13, absolute: 1e-13 };

describe("special functions", () => {
  it.each(golden.digamma)("digamma(%d) of the oracle", (x, expected) => expectClose(digamma(x), expected, ROUNDING));
  it.each(golden.lgamma)("logGamma(%d) of the oracle", (x, expected) => expectClose(logGamma(x), expected, ROUNDING));
  it.each(golden.logUnitBall.euclidean)("ball of %d dimensions of the oracle", (dims, expected) =>
    expectClose(logUnitBallVolume(dims), expected, ROUNDING),
  );
  it.each(golden.logUnitBall.max)("cube of %d dimensions of the oracle", (dims, expected) =>
    expectClose(logUnitBallVolume(dims, "max"), expected, ROUNDING),
  );

  it("by hand: the disc, the ball and the cube", () => {
    expectClose(logUnitBallVolume(2), Math.log(Math.PI), ROUNDING);
    expectClose(logUnitBallVolume(3), Math.log((4 / 3) * Math.PI), ROUNDING);
    expectClose(logUnitBallVolume(3, "max"), Math.log(8), ROUNDING);
  });

  it("obey their recurrences, also across the switch to the series", () => {
    for (const x of [0.01, 0.3, 1, 2.5, 9.99, 10, 14.9, 15, 77.7, 1e5]) {
      expectClose(digamma(x + 1), digamma(x) + 1 / x, ROUNDING);
      expectClose(logGamma(x + 1), logGamma(x) + Math.log(x), ROUNDING);
    }
  });

  it("refuse what has no value", () => {
    expect(() => digamma(0)).toThrow("digamma: expected a positive finite number for x, got 0");
    expect(() => logGamma(Number.NaN)).toThrow("logGamma: expected a positive finite number for x, got NaN");
    expect(() => logUnitBallVolume(1.5)).toThrow("expected a positive integer for dims, got 1.5");
  });
});
