import { expectGradient, normalSamples, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import {
  conditionalMutualInformation,
  klMutualInformation,
  klMutualInformationGradient,
  ksgMutualInformation,
} from "../src/index.js";
import { conditionalByLoops, ksgByLoops } from "./oracle/counted-information.js";

const pointsOf = (x: Float64Array, dims: number) =>
  Array.from({ length: x.length / dims }, (_, i) => [...x.subarray(i * dims, (i + 1) * dims)]);

/** x, y and z, all three driven by z: corr(x, z) = corr(y, z) = √½, and beyond z x and y share `shared` of their noise. */
function chain(rows: number, shared: number, seed: number) {
  const noise = normalSamples(seededRandom(seed), 4 * rows);
  const [z, u, v, w] = [0, 1, 2, 3].map((part) => noise.subarray(part * rows, (part + 1) * rows));
  const own = Math.sqrt(1 - shared);
  const x = z.map((value, i) => value + own * u[i] + Math.sqrt(shared) * w[i]);
  const y = z.map((value, i) => value + own * v[i] + Math.sqrt(shared) * w[i]);
  return { x, y, z };
}

describe("ksgMutualInformation", () => {
  it("by hand: three points on a diagonal, k = 1", () => {
    // radii 1, 1, 2; strictly nearer in x: 0, 0, 0; ψ(1) + ψ(3) − 2 ψ(1) = 3/2
    const line = Float64Array.of(0, 1, 3);
    const { information, xCounts } = ksgMutualInformation(line, line, { rows: 3, xDims: 1, yDims: 1, k: 1 });
    expect([...xCounts]).toEqual([0, 0, 0]);
    expect(information).toBeCloseTo(1.5, 14);
  });

  it.each([
    [1, 1],
    [2, 1],
    [3, 4],
  ])("equals loops over all pairs: x in R^%i, y in R^%i, with ties too", (xDims, yDims) => {
    const rows = 90;
    for (const round of [(v: number) => v, (v: number) => Math.round(2 * v) / 2]) {
      const x = normalSamples(seededRandom(51), rows * xDims).map(round);
      const y = normalSamples(seededRandom(52), rows * yDims).map((v, i) =>
        round(v + x[Math.floor(i / yDims) * xDims]),
      );
      const { information } = ksgMutualInformation(x, y, { rows, xDims, yDims, k: 3 });
      expect(information).toBeCloseTo(ksgByLoops(pointsOf(x, xDims), pointsOf(y, yDims), 3), 11);
    }
  });

  it("is symmetric, and the same for scaled and shifted variables", () => {
    const { x, y } = chain(200, 0.5, 53);
    const options = { rows: 200, xDims: 1, yDims: 1, k: 4 };
    for (const algorithm of [1, 2] as const) {
      const value = ksgMutualInformation(x, y, { ...options, algorithm }).information;
      expect(ksgMutualInformation(y, x, { ...options, algorithm }).information).toBeCloseTo(value, 12);
      const doubled = [x, y].map((each) => each.map((v) => 4 * v));
      expect(ksgMutualInformation(doubled[0], doubled[1], { ...options, algorithm }).information).toBeCloseTo(
        value,
        12,
      );
    }
  });

  it("local values have the information as their mean, in bits too", () => {
    const { x, y } = chain(100, 0.5, 54);
    const options = { rows: 100, xDims: 1, yDims: 1, k: 4 };
    const { information, local } = ksgMutualInformation(x, y, options);
    expect(local.reduce((sum, value) => sum + value, 0) / 100).toBeCloseTo(information, 13);
    const bits = ksgMutualInformation(x, y, { ...options, units: "bits" });
    expect(bits.information).toBeCloseTo(information / Math.LN2, 12);
  });

  it("a sample with NaN makes its local value and the information NaN", () => {
    const { x, y } = chain(80, 0.5, 55);
    x[7] = Number.NaN;
    const { information, local } = ksgMutualInformation(x, y, { rows: 80, xDims: 1, yDims: 1, k: 2 });
    expect(information).toBeNaN();
    expect([...local.keys()].filter((i) => Number.isNaN(local[i]))).toEqual([7]);
  });

  it("refuses what it cannot do", () => {
    const x = new Float64Array(4);
    const options = { rows: 4, xDims: 1, yDims: 1, k: 1 };
    expect(() => ksgMutualInformation(x, new Float64Array(3), options)).toThrow("[4,1] for y, got 3");
    expect(() => ksgMutualInformation(x, x, { ...options, algorithm: 3 as 1 })).toThrow("1 or 2 for algorithm, got 3");
    expect(() => ksgMutualInformation(x, x, { ...options, xDims: 0 })).toThrow("positive integer for xDims, got 0");
  });
});

describe("conditionalMutualInformation", () => {
  const options = (rows: number) => ({ rows, xDims: 1, yDims: 1, givenDims: 1, k: 4 });

  it("equals loops over all pairs, Z in the plane too", () => {
    const rows = 100;
    const { x, y, z } = chain(rows, 0.5, 61);
    const plane = normalSamples(seededRandom(62), 2 * rows);
    const line = conditionalMutualInformation({ x, y, given: z }, options(rows)).information;
    expect(line).toBeCloseTo(conditionalByLoops(pointsOf(x, 1), pointsOf(y, 1), pointsOf(z, 1), 4), 11);
    const both = conditionalMutualInformation({ x, y, given: plane }, { ...options(rows), givenDims: 2 }).information;
    expect(both).toBeCloseTo(conditionalByLoops(pointsOf(x, 1), pointsOf(y, 1), pointsOf(plane, 2), 4), 11);
  });

  it.each([0, 0.5, 0.8])(
    "comes near the closed form of Gaussians, −½ log(1 − ρ²), partial correlation ρ = %f",
    (rho) => {
      const { x, y, z } = chain(3000, rho, 63);
      const { information } = conditionalMutualInformation({ x, y, given: z }, options(3000));
      // spread of one estimate about 0.02 at N = 3000
      expect(Math.abs(information + 0.5 * Math.log(1 - rho * rho))).toBeLessThan(0.06);
      expect(ksgMutualInformation(x, y, { ...options(3000) }).information).toBeGreaterThan(0.1);
    },
  );

  it("local values have the information as their mean, and x and y may be exchanged", () => {
    const { x, y, z } = chain(150, 0.5, 64);
    const { information, local } = conditionalMutualInformation({ x, y, given: z }, options(150));
    expect(local.reduce((sum, value) => sum + value, 0) / 150).toBeCloseTo(information, 13);
    expect(conditionalMutualInformation({ x: y, y: x, given: z }, options(150)).information).toBeCloseTo(
      information,
      12,
    );
    const bits = conditionalMutualInformation({ x, y, given: z }, { ...options(150), units: "bits" });
    expect(bits.information).toBeCloseTo(information / Math.LN2, 12);
  });
});

describe("klMutualInformation", () => {
  it("has the gradient of central differences, with respect to either variable", () => {
    const rows = 50;
    const y = normalSamples(seededRandom(71), 2 * rows);
    const x = normalSamples(seededRandom(72), rows).map((v, i) => v + y[2 * i]);
    for (const norm of ["euclidean", "max"] as const) {
      const options = { rows, xDims: 1, yDims: 2, k: 3, norm };
      const gradient = klMutualInformationGradient({ x, y }, klMutualInformation(x, y, options), options);
      const ofX = (moved: Float64Array) => klMutualInformation(moved, y, options).information;
      const ofY = (moved: Float64Array) => klMutualInformation(x, moved, options).information;
      expectGradient(gradient.x, ofX, { at: x, absolute: 1e-5, label: `${norm}, x` });
      expectGradient(gradient.y, ofY, { at: y, absolute: 1e-5, label: `${norm}, y` });
    }
  });
});
