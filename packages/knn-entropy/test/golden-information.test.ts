import { describeUnless, expectClose, goldenMissing } from "test-support";
import { describe, expect, it } from "vitest";
import { klMutualInformation, klMutualInformationGradient, ksgMutualInformation } from "../src/index.js";
import { fixturePairs, fullPairs, type GoldenPair } from "./golden-case.js";
import { checkGradient, VALUE } from "./golden-gradient.js";

describe("mutual information of the float64 oracle, small sets", () => {
  for (const each of fixturePairs()) checkPair(each);
});

describeUnless(goldenMissing("golden/knn-entropy"), "all pairs of the oracle", () => {
  for (const each of fullPairs()) checkPair(each);
});

function checkPair({ name, shapes, x, y, results }: GoldenPair): void {
  const [rows, xDims] = shapes[0];
  const yDims = shapes[1][1];
  for (const golden of results) {
    const { estimator, k, norm } = golden;
    it(`${name}: ${estimator} ${norm ?? ""} k=${k}`, () => {
      if (estimator === "kl3") {
        const options = { rows, xDims, yDims, k, norm };
        const result = klMutualInformation(x, y, options);
        expectClose(result.information, golden.I, VALUE);
        const gradient = klMutualInformationGradient({ x, y }, result, options);
        checkGradient(sideBySide(gradient.x, gradient.y, rows), sideBySide(x, y, rows), golden, xDims + yDims);
      } else {
        const algorithm = estimator === "ksg1" ? 1 : 2;
        const result = ksgMutualInformation(x, y, { rows, xDims, yDims, k, algorithm });
        expectClose(result.information, golden.I, VALUE);
        expect([...result.xCounts]).toEqual([...golden.nx!]);
        expect([...result.yCounts]).toEqual([...golden.ny!]);
      }
    });
  }
}

/** Columns of x, then of y. */
function sideBySide(x: Float32Array | Float64Array, y: Float32Array | Float64Array, rows: number): Float64Array {
  const [xDims, yDims] = [x.length / rows, y.length / rows];
  return Float64Array.from({ length: x.length + y.length }, (_, at) => {
    const [row, d] = [Math.floor(at / (xDims + yDims)), at % (xDims + yDims)];
    return d < xDims ? x[row * xDims + d] : y[row * yDims + d - xDims];
  });
}
