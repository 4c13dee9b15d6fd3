import { expect } from "vitest";
import type { Evaluation, LevelResults } from "../src/index.js";

/** Two float64 evaluations of the same rules differ by sums in another order only: a few 1e-15. */
export const CURVE_TOLERANCE = 1e-12;
/** In percent. */
export const AP_TOLERANCE = 1e-9;

type Json = null | string | number | Json[] | { [key: string]: Json };

/** Compares every number of an evaluation with an expected.json; null and NaN must be the same exactly. */
export function expectEvaluation(actual: Evaluation, expected: { [key: string]: Json }): void {
  expect(actual.frames).toBe(expected.frames);
  for (const overlap of ["strict", "loose"] as const) {
    const classes = expected[overlap] as Record<string, Record<string, Json>>;
    expect(Object.keys(actual[overlap])).toEqual(Object.keys(classes));
    for (const [name, metrics] of Object.entries(classes)) {
      const official = Object.keys(metrics).filter((metric) => !metric.startsWith("ahs_"));
      const got = (actual[overlap] as unknown as Record<string, Record<string, LevelResults | null>>)[name];
      expect(Object.keys(got).sort()).toEqual(official.sort());
      for (const metric of official) expectLevels(got[metric], metrics[metric], `${overlap} ${name} ${metric}`);
    }
  }
}

function expectLevels(actual: LevelResults | null, expected: Json, where: string): void {
  if (expected === null || actual === null) {
    expect(actual, where).toBe(expected);
    return;
  }
  const levels = expected as Record<string, { r11: Json; r40: Json; curve: Json[] }>;
  expect(Object.keys(actual), where).toEqual(Object.keys(levels));
  for (const [level, { r11, r40, curve }] of Object.entries(levels)) {
    const got = actual[level as keyof LevelResults];
    expectNumber(got.r11, r11, AP_TOLERANCE, `${where} ${level} r11`);
    expectNumber(got.r40, r40, AP_TOLERANCE, `${where} ${level} r40`);
    expect(got.curve.length, where).toBe(curve.length);
    for (const [i, value] of curve.entries())
      expectNumber(got.curve[i], value, CURVE_TOLERANCE, `${where} ${level} curve[${i}]`);
  }
}

function expectNumber(actual: number, expected: Json, tolerance: number, where: string): void {
  const wanted = expected === "NaN" ? Number.NaN : Number(expected);
  const same = Object.is(actual, wanted) || Math.abs(actual - wanted) <= tolerance;
  if (!same) expect.fail(`${where}: expected ${wanted}, got ${actual}`);
}
