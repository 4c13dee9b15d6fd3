import { expectClose, normalSamples, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import {
  authorEntropy,
  ellipsoidEntropy,
  ellipsoidEntropyGradient,
  klEntropy,
  klEntropyGradient,
  klMutualInformation,
  nearestNeighbours,
  renyiEntropy,
  renyiEntropyGradient,
} from "../src/index.js";

/** Every way of searching: all pairs, tree, blocks of a Gram matrix, the kernel for k-th neighbours. */
const sizes = [
  [100, 1],
  [100, 3],
  [400, 2],
  [400, 8],
  [90, 40],
] as const;
const scales = [2 ** 532, 2 ** -532, 2 ** 1000, 2 ** -1000, 1e160, 1e-160];

/** Powers of two are exact; other scales round each value. */
const toleranceOf = (scale: number) => ({
  relative: Number.isInteger(Math.log2(scale)) ? 1e-14 : 1e-11,
  absolute: 1e-11,
});

describe.each(sizes)("%i samples in R^%i at extreme scales", (rows, dims) => {
  const x = normalSamples(seededRandom(rows + dims), rows * dims);
  const options = { rows, dims, k: 3 };

  it.each(scales)("× %f: log scale + the value at scale 1, for both norms", (scale) => {
    const scaled = x.map((v) => v * scale);
    for (const norm of ["euclidean", "max"] as const) {
      const expected = klEntropy(x, { ...options, norm });
      const actual = klEntropy(scaled, { ...options, norm });
      expectClose(actual.entropy, expected.entropy + dims * Math.log(scale), toleranceOf(scale));
      expect([...actual.neighbours]).toEqual([...expected.neighbours]);
      const order = { ...options, norm, q: 0.7 };
      const renyi = renyiEntropy(x, order);
      expectClose(renyiEntropy(scaled, order).entropy, renyi.entropy + dims * Math.log(scale), toleranceOf(scale));
    }
    const { neighbours, distances } = nearestNeighbours(scaled, options);
    expect(neighbours).toEqual(nearestNeighbours(x, options).neighbours);
    const unscaled = distances.map((distance) => distance / scale);
    expectClose(unscaled, nearestNeighbours(x, options).distances, { relative: 1e-14, absolute: 1e-14 });
    const pair = { rows, xDims: dims, yDims: dims, k: 3 };
    const y = x.map((v, i) => v + Math.sin(i));
    const three = klMutualInformation(x, y, pair).information;
    expectClose(
      klMutualInformation(
        scaled,
        y.map((v) => v * scale),
        pair,
      ).information,
      three,
      { absolute: 1e-9 },
    );
  });

  it.each([2 ** 532, 2 ** -532])("× %f: gradients are those at scale 1 over the scale, to the bit", (scale) => {
    const scaled = x.map((v) => v * scale);
    const own = klEntropyGradient(scaled, klEntropy(scaled, options), options);
    const expected = klEntropyGradient(x, klEntropy(x, options), options);
    expect(own.map((g) => g * scale)).toEqual(expected);
    const order = { ...options, q: 0.7 };
    const renyi = renyiEntropyGradient(scaled, renyiEntropy(scaled, order), order);
    const shares = renyiEntropyGradient(x, renyiEntropy(x, order), order);
    expectClose(
      renyi.map((g) => g * scale),
      shares,
      { ofLargest: 1e-11 },
    );
    if (dims > 3) return;
    const turned = { ...options, k: 6 };
    const gradient = ellipsoidEntropyGradient(scaled, ellipsoidEntropy(scaled, turned), turned);
    const ofOne = ellipsoidEntropyGradient(x, ellipsoidEntropy(x, turned), turned);
    expectClose(
      gradient.map((g) => g * scale),
      ofOne,
      { ofLargest: 1e-11 },
    );
  });
});

it("values of all sizes together: those near 1e-130 are told apart beside others near 1", () => {
  const near = normalSamples(seededRandom(120), 50).map((v) => v * 1e-130);
  const x = Float64Array.of(...near, ...normalSamples(seededRandom(121), 50));
  const { radii } = klEntropy(x, { rows: 100, dims: 1, k: 2 });
  const alone = klEntropy(near, { rows: 50, dims: 1, k: 2, norm: "max" }).radii;
  expectClose(radii.subarray(0, 50), alone, { relative: 1e-14 });
});

it("the published code's sum of radii does not overflow before the radii do", () => {
  const x = normalSamples(seededRandom(122), 20 * 3);
  const [one, far] = [1, 1e160].map(
    (scale) =>
      authorEntropy(
        x.map((v) => v * scale),
        { images: 1, rows: 20, dims: 3 },
      ).sumOfRadii / scale,
  );
  expectClose(far, one, { relative: 0.05 }); // radii below 0.1 count as 0.1 at scale 1
});
