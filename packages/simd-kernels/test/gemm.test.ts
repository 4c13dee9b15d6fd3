import { randomFloats, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { loadKernels } from "../src/index.js";
import { guarded, guardedCopy } from "./arrays.js";
import { expectSums } from "./expect-sums.js";
import { describeLayers } from "./layers.js";
import { naiveGemm } from "./oracle/naive.js";

// Around every tile (4, 6, 8, 12 rows; 8, 12, 16, 32 columns), the block of rows and the chunk of k (256).
const shapes = [
  [0, 3, 2],
  [3, 0, 2],
  [3, 2, 0],
  [1, 1, 1],
  [1, 17, 3],
  [5, 7, 13],
  [6, 16, 64],
  [7, 15, 40],
  [8, 33, 5],
  [11, 31, 9],
  [13, 32, 257],
  [24, 24, 255],
  [25, 12, 256],
  [97, 40, 7],
  [193, 3, 1],
  [40, 100, 513],
] as const;

describeLayers("gemm", (kernels) => {
  it("multiplies two matrices by hand", () => {
    const out = new Float32Array(4);
    // [1 2; 3 4]·[5 6; 7 8] = [19 22; 43 50]
    kernels.gemm(Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8), out, { m: 2, n: 2, k: 2 });
    expect([...out]).toEqual([19, 22, 43, 50]);
  });

  for (const [m, n, k] of shapes)
    it(`agrees with the definition for ${m}×${n}×${k}, in all forms`, () => {
      const rng = seededRandom(m * 10007 + n * 101 + k);
      const a = guardedCopy(randomFloats(rng, m * k)).array;
      const b = guardedCopy(randomFloats(rng, k * n)).array;
      for (const transposeA of [false, true])
        for (const transposeB of [false, true]) {
          const options = { m, n, k, transposeA, transposeB };
          const expected = naiveGemm(a, b, options);
          const label = `gemm ${JSON.stringify(options)}`;
          const out = guarded(m * n);
          kernels.gemm(a, b, out.array, options);
          out.check(label);
          expectSums(out.array, expected, k, label);

          const start = randomFloats(rng, m * n);
          const sum = guardedCopy(start);
          kernels.gemm(a, b, sum.array, { ...options, accumulate: true });
          sum.check(label);
          for (let i = 0; i < m * n; i++) {
            expected.value[i] += start[i];
            expected.magnitude[i] += Math.abs(start[i]);
          }
          expectSums(sum.array, expected, k, `${label} accumulated`);
        }
    });

  it("gives an edge tile the bits of a full one", () => {
    const k = 300;
    const rng = seededRandom(7);
    const a = randomFloats(rng, 24 * k);
    const b = randomFloats(rng, k * 64);
    const whole = new Float32Array(24 * 64);
    kernels.gemm(a, b, whole, { m: 24, n: 64, k });
    for (const [m, n] of [
      [1, 1],
      [5, 7],
      [23, 63],
    ]) {
      const narrow = Float32Array.from({ length: k * n }, (_, i) => b[Math.floor(i / n) * 64 + (i % n)]);
      const part = new Float32Array(m * n);
      kernels.gemm(a.slice(0, m * k), narrow, part, { m, n, k });
      for (let i = 0; i < m * n; i++) expect(part[i]).toBe(whole[Math.floor(i / n) * 64 + (i % n)]);
    }
  });

  it("carries NaN and infinity", () => {
    const out = new Float32Array(2);
    kernels.gemm(Float32Array.of(Number.NaN, 1, 2, 3), Float32Array.of(1, Number.POSITIVE_INFINITY), out, {
      m: 2,
      n: 1,
      k: 2,
    });
    expect(out[0]).toBeNaN();
    expect(out[1]).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("gemm arguments", () => {
  const { gemm } = loadKernels("typescript");
  const four = new Float32Array(4);
  it("refuses wrong kinds, lengths, sizes and overlapping arrays", () => {
    const square = { m: 2, n: 2, k: 2 };
    expect(() => gemm([1, 2, 3, 4] as never, four, new Float32Array(4), square)).toThrow(
      "gemm: expected Float32Array for a, got object",
    );
    expect(() => gemm(four, new Float64Array(4) as never, new Float32Array(4), square)).toThrow(TypeError);
    expect(() => gemm(four, new Float32Array(5), new Float32Array(4), square)).toThrow(
      "gemm: expected 4 entries [2,2] for b, got 5",
    );
    expect(() => gemm(four, four, new Float32Array(4), { m: 2, n: 2, k: 1.5 })).toThrow(
      "gemm: expected an integer of at least 0 for k, got 1.5",
    );
    expect(() => gemm(four, four, new Float32Array(4), { m: 2, n: 2, k: 2 ** 32 })).toThrow(
      "gemm: expected at most 2147483647 for k, got 4294967296",
    );
    expect(() => gemm(four, new Float32Array(4), four, square)).toThrow("got overlapping arrays");
  });
});
