import { goldenPath, skipNote } from "test-support";
import { describe, expect, it } from "vitest";
import { authorEntropy, authorEntropyGradient, klEntropy, klEntropyGradient } from "../src/index.js";
import { fixtureCases, fullCases, type GoldenCase, type GoldenResult, goldenGradientRows } from "./golden-case.js";

/** Float64 against float64: only the order of summation differs. */
const VALUE = 1e-12;
/** Some of the oracle's gradients are stored as float32. */
const GRADIENT = 1e-7;

describe("estimates of the float64 oracle, small sets", () => {
  for (const each of fixtureCases()) checkCase(each);
});

describe.skipIf(!goldenPath("golden/knn-entropy"))(`all sets of the oracle${skipNote("golden/knn-entropy")}`, () => {
  for (const each of fullCases()) checkCase(each);
});

function checkCase({ name, shape, x, results }: GoldenCase): void {
  for (const result of results) {
    const title = `${name}: ${result.estimator} ${result.norm} k=${result.k} floor=${result.floor ?? "-"}`;
    const batch = shape.length === 3 ? shape : [1, ...shape];
    if (result.estimator === "author") it(title, () => checkAuthor(batch, x, result));
    if (result.estimator === "kl") it(title, () => checkKl(batch, x, result));
    if (result.estimator === "kl-batch-mean") it(title, () => checkKl(batch, x, result));
  }
}

/** H, radii and neighbours of one image; H and gradient of the mean over images. */
function checkKl([images, rows, dims]: readonly number[], x: Float32Array | Float64Array, golden: GoldenResult): void {
  const options = { rows, dims, k: golden.k, norm: golden.norm, floor: golden.floor ?? 0 };
  let mean = 0;
  const gradient = new Float64Array(x.length);
  for (let image = 0; image < images; image++) {
    const own = x.subarray(image * rows * dims, (image + 1) * rows * dims);
    const result = klEntropy(own, options);
    mean += result.entropy / images;
    golden.r?.forEach((radius, row) => {
      expectClose(result.radii[row], radius);
    });
    // ties go to the lowest index in the oracle too, so tied rows need no exception
    if (golden.nn !== undefined) expect([...result.neighbours]).toEqual([...golden.nn]);
    const part = klEntropyGradient(own, result, options);
    gradient.set(
      part.map((value) => value / images),
      image * rows * dims,
    );
  }
  if (golden.H === "-Infinity") expect(mean).toBe(-Infinity);
  else expectClose(mean, golden.H);
  checkGradient(gradient, x, golden, dims);
}

function checkAuthor(
  [images, rows, dims]: readonly number[],
  x: Float32Array | Float64Array,
  golden: GoldenResult,
): void {
  const result = authorEntropy(x, { images, rows, dims });
  expectClose(result.entropy, golden.H as number);
  checkGradient(authorEntropyGradient(x, result, { images, rows, dims }), x, golden, dims);
}

function checkGradient(gradient: Float64Array, x: ArrayLike<number>, golden: GoldenResult, dims: number): void {
  const norms = golden.gradRowNorm?.flat();
  if (norms === undefined) return;
  // pulls of several samples may cancel within a row, so rounding is measured by the largest row
  const scale = Math.max(...norms);
  norms.forEach((norm, row) => {
    const own = gradient.subarray(row * dims, (row + 1) * dims);
    expect(Math.abs(Math.hypot(...own) - norm)).toBeLessThanOrEqual(1e-10 * scale);
  });
  for (const [row, expected] of goldenGradientRows(golden, dims) ?? []) {
    for (let d = 0; d < dims; d++) {
      const difference = Math.abs(gradient[row * dims + d] - expected[d]);
      if (!(difference <= GRADIENT * scale)) {
        throw new Error(`gradient row ${row}, coordinate ${d}: ${gradient[row * dims + d]}, oracle ${expected[d]}`);
      }
    }
  }
  // Σ grad·x against the oracle's, by the size of its terms: with a large offset they cancel
  let sum = 0;
  let size = 0;
  for (let i = 0; i < x.length; i++) {
    sum += gradient[i] * x[i];
    size += Math.abs(gradient[i] * x[i]);
  }
  expect(Math.abs(sum - golden.gradDotX!)).toBeLessThanOrEqual(VALUE * Math.max(1, size));
}

function expectClose(actual: number, expected: number): void {
  // absolute near zero, where H is a sum of terms of order 1 that cancel; radii of 1e-22 are compared relatively
  const allowed = VALUE * (Math.abs(expected) < 1e-3 ? Math.abs(expected) : Math.max(1, Math.abs(expected)));
  if (!(Math.abs(actual - expected) <= allowed)) throw new Error(`expected ${expected}, got ${actual}`);
}
