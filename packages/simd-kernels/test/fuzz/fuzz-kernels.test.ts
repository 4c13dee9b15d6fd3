import { expect, it } from "vitest";
import { operations } from "../../src/operations/index.js";
import { type Finding, fuzzKernels } from "./fuzz-kernels.js";

// A fixed number of calls from a fixed seed: eighty of each operation. Longer runs are for a fuzzing machine.
it("all layers take the same calls, refuse the others in the same words and stay within their arguments", () => {
  const calls = 80 * Object.keys(operations).length;
  const findings: Finding[] = [];
  let left = calls;
  const counts = fuzzKernels({
    seed: 1,
    until: () => left-- === 0,
    report: (found) => findings.push(found),
    slow: Number.POSITIVE_INFINITY,
  });
  expect(findings).toEqual([]);
  expect(counts.calls).toBe(calls);
  expect(counts.accepted).toBeGreaterThan(calls / 4);
  expect(counts.refused).toBeGreaterThan(calls / 4);
});
