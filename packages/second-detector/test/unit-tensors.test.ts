import { seededRandom } from "test-support";
import { describe, expect, test } from "vitest";
import { convolution, linear, strided, transposed } from "../src/network/unit-kinds.js";
import { firstValues, unitTensors } from "../src/network/unit-tensors.js";

const norm = { epsilon: 1e-3 };

describe("the tensors of a unit", () => {
  test("by kind: shape of the filter, inputs of an output", () => {
    const kernel = [3, 1, 2] as const;
    const units = [
      linear("a", [6, 4], { norm }),
      convolution("b", [6, 4], { side: 3, norm }),
      transposed("c", [6, 4], { side: 2, norm }),
      strided("d", [6, 4], { kernel, stride: [1, 1, 1], padding: [0, 0, 0], norm }),
    ];
    const filters = units.map((unit) => unitTensors(unit)[0]);
    expect(filters.map(({ shape }) => shape.join("×"))).toEqual(["6×4", "3×3×6×4", "2×2×4×6", "3×1×2×6×4"]);
    // Six channels in each of 1, 9, 1 and 6 cells.
    const fanIns = filters.map(({ first }) => ("deviation" in first ? 2 / first.deviation ** 2 : 0));
    expect(fanIns.map((fanIn) => Math.round(1e9 * fanIn) / 1e9)).toEqual([6, 54, 6, 36]);
  });

  test("by what follows the products: names, roles and first values", () => {
    const rolesOf = (unit: Parameters<typeof unitTensors>[0]) =>
      unitTensors(unit).map(({ name, role, first }) => [name, role, "all" in first ? first.all : "normal"].join(" "));
    expect(rolesOf(linear("x", [2, 3], { bias: { first: -4 }, relu: false }))).toEqual([
      "x.weight trainable normal",
      "x.bias trainable -4",
    ]);
    const withNorm = (filter: string, affine: string) => [
      `x.weight ${filter} normal`,
      `x.bn.gamma ${affine} 1`,
      `x.bn.beta ${affine} 0`,
      "x.bn.mean running 0",
      "x.bn.var running 1",
    ];
    expect(rolesOf(linear("x", [2, 3], { norm }))).toEqual(withNorm("trainable", "trainable"));
    expect(rolesOf(linear("x", [2, 3], { norm, trainable: "filter" }))).toEqual(withNorm("trainable", "frozen"));
    expect(rolesOf(linear("x", [2, 3], { norm, trainable: "nothing" }))).toEqual(withNorm("frozen", "frozen"));
  });

  test("inputs of other sizes: the first values of each row are divided by its input's", () => {
    const [plain] = unitTensors(linear("x", [3, 50], {}));
    const [sized] = unitTensors(linear("x", [3, 50], { inputSizes: [20, 1, 0.1] }));
    const values = firstValues(plain, seededRandom(1));
    const expected = values.map((value, i) => value / [20, 1, 0.1][Math.floor(i / 50)]);
    expect(firstValues(sized, seededRandom(1))).toEqual(expected);
  });

  test("normal numbers have the deviation asked for; only they draw", () => {
    const [filter, bias] = unitTensors(linear("x", [100, 101], { bias: { first: 5 }, deviation: 0.25 }));
    let drawn = 0;
    const random = seededRandom(1);
    const rng = () => {
      drawn++;
      return random();
    };
    const values = firstValues(filter, rng);
    expect(drawn).toBe(10_100);
    // 10 100 draws: within 3 % by more than four sigma
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    expect(Math.abs(deviation / 0.25 - 1)).toBeLessThan(0.03);
    expect(new Set(firstValues(bias, rng))).toEqual(new Set([5]));
    expect(drawn).toBe(10_100);
  });
});
