import { seededRandom } from "test-support";
import { beforeAll, describe, expect, it } from "vitest";
import { registerSimdBackend } from "../src/index.js";
import { distance, forwardOn, gradientsOn, type Plain, randomPlain } from "./on-backend.js";
import { opCases } from "./op-cases.js";
import { productCases } from "./product-cases.js";

/**
 * Relative to the largest entry: float32 sums of up to 576 products in another order. The stock kernels round after
 * every addition, 576 · 2⁻²⁴ ≈ 3.4e-5 at worst and its square root in practice.
 */
const TOLERANCE = 5e-6;

beforeAll(() => registerSimdBackend());

describe("every op gives on simd what it gives on cpu, forward and backward", () => {
  it.each([...opCases, ...productCases].map((opCase, seed) => ({ ...opCase, seed })))("$name", async (opCase) => {
    const { op, shapes, range, gradient = true, seed } = opCase;
    const rng = seededRandom(seed);
    const inputs = shapes.map((shape) => randomPlain(rng, shape, range));

    const expected = await forwardOn("cpu", op, inputs);
    const actual = await forwardOn("simd", op, inputs);
    expect(actual.length).toBe(expected.length);
    for (const [i, result] of expected.entries()) {
      expect(distance(actual[i], result), `result ${i}, seed ${seed}`).toBeLessThan(TOLERANCE);
    }

    if (!gradient || expected[0].values.length === 0) return;
    const dy = randomPlain(rng, expected[0].shape);
    const expectedGradients = await gradientsOn("cpu", op, inputs, dy);
    const actualGradients = await gradientsOn("simd", op, inputs, dy);
    for (const [i, result] of expectedGradients.entries()) {
      expect(distance(actualGradients[i], result), `gradient ${i}, seed ${seed}`).toBeLessThan(TOLERANCE);
    }
  });
});

describe("NaN and infinities pass through as on cpu", () => {
  const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1, 3e38];
  const grid: Plain = {
    values: Float32Array.from(special.flatMap((value) => special.map(() => value))),
    shape: [8, 8],
    dtype: "float32",
  };
  const repeated = (plain: Plain, times: number): Plain => ({
    ...plain,
    values: Float32Array.from({ length: 64 * times }, (_, i) => plain.values[i % 64]),
    shape: [8 * times, 8],
  });
  const turned: Plain = { ...grid, values: Float32Array.from({ length: 64 }, (_, i) => special[i % 8]) };
  // 8 rows run as plain loops, 80 rows in the layer for large arrays.
  const cases = opCases.filter(
    ({ name, shapes }) =>
      shapes.every((shape) => shape.join() === shapes[0].join()) && /^\w+ \[(7,13\] \[7,13|3,7)\]$/.test(name),
  );

  it.each(cases)("$name", async ({ op, shapes }) => {
    for (const times of [1, 10]) {
      const inputs = [grid, turned].slice(0, shapes.length).map((plain) => repeated(plain, times));
      const [expected] = await forwardOn("cpu", op, inputs);
      const [actual] = await forwardOn("simd", op, inputs);
      expect(distance(actual, expected)).toBeLessThan(TOLERANCE);
    }
  });
});
