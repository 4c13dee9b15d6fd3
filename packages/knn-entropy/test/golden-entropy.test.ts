import { describeUnless, expectClose, goldenMissing } from "test-support";
import { describe, expect, it } from "vitest";
import {
  authorEntropy,
  authorEntropyGradient,
  type EllipsoidVariant,
  ellipsoidEntropy,
  ellipsoidEntropyGradient,
  klEntropy,
  klEntropyGradient,
  renyiEntropy,
  renyiEntropyGradient,
  tsallisEntropy,
  tsallisEntropyGradient,
} from "../src/index.js";
import { fixtureCases, fullCases, type GoldenCase, type GoldenResult } from "./golden-case.js";
import { checkGradient, RADIUS, VALUE } from "./golden-gradient.js";

describe("estimates of the float64 oracle, small sets", () => {
  for (const each of fixtureCases()) checkCase(each);
});

describeUnless(goldenMissing("golden/knn-entropy"), "all sets of the oracle", () => {
  for (const each of fullCases()) checkCase(each);
});

function checkCase({ name, shape, x, results }: GoldenCase): void {
  for (const result of results) {
    const own = [result.variant, result.q === undefined ? undefined : `q=${result.q}`, result.norm].filter(Boolean);
    const title = `${name}: ${result.estimator} ${own.join(" ")} k=${result.k} floor=${result.floor ?? "-"}`;
    const batch = shape.length === 3 ? shape : [1, ...shape];
    if (result.estimator === "author") it(title, () => checkAuthor(batch, x, result));
    if (result.estimator === "kl") it(title, () => checkKl(batch, x, result));
    if (result.estimator === "renyi") it(title, () => checkOrder(batch, x, result, renyi));
    if (result.estimator === "tsallis") it(title, () => checkOrder(batch, x, result, tsallis));
    if (result.estimator === "geometric") it(title, () => checkEllipsoid(batch, x, result));
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
      expectClose(result.radii[row], radius, RADIUS);
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
  else expectClose(mean, golden.H, VALUE);
  checkGradient(gradient, x, golden, dims);
}

const renyi = { entropy: renyiEntropy, gradient: renyiEntropyGradient };
const tsallis = { entropy: tsallisEntropy, gradient: tsallisEntropyGradient };

function checkOrder(
  [, rows, dims]: readonly number[],
  x: Float32Array | Float64Array,
  golden: GoldenResult,
  { entropy, gradient }: typeof renyi | typeof tsallis,
): void {
  const options = { rows, dims, k: golden.k, norm: golden.norm, q: golden.q! };
  const result = entropy(x, options);
  expectClose(result.entropy, golden.H as number, VALUE);
  checkGradient(gradient(x, result, options), x, golden, dims);
}

function checkEllipsoid([, rows, dims]: readonly number[], x: Float32Array | Float64Array, golden: GoldenResult): void {
  const options = { rows, dims, k: golden.k, variant: golden.variant as EllipsoidVariant };
  const result = ellipsoidEntropy(x, options);
  expectClose(result.entropy, golden.H as number, VALUE);
  expect([...result.inside]).toEqual([...golden.inEllipsoid!]);
  checkGradient(ellipsoidEntropyGradient(x, result, options), x, golden, dims);
}

function checkAuthor(
  [images, rows, dims]: readonly number[],
  x: Float32Array | Float64Array,
  golden: GoldenResult,
): void {
  const result = authorEntropy(x, { images, rows, dims });
  expectClose(result.entropy, golden.H as number, VALUE);
  checkGradient(authorEntropyGradient(x, result, { images, rows, dims }), x, golden, dims);
}
