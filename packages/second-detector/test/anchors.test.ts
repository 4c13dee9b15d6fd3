import { describe, expect, test } from "vitest";
import type { AnchorLayout } from "../src/anchors.js";
import { buildAnchors, builtinConfig, headMapSize } from "../src/index.js";

const mini = builtinConfig("second-mini");

/** Two cells along x, three along y: 1.6 m × 2.4 m of 0.1 m voxels, eight to a cell. */
const small: AnchorLayout = { ...mini, pointRange: [0, -1.2, -3, 1.6, 1.2, 1], classes: mini.classes.slice(0, 2) };

describe("buildAnchors", () => {
  test("by hand: on the border of the range, in the order of the head's channels", () => {
    const { boxes, labels, width, height, anchorsPerCell } = buildAnchors(small);
    expect([width, height, anchorsPerCell]).toEqual([2, 3, 4]);
    const row = (i: number) => [...boxes.subarray(i * 7, i * 7 + 7)];
    // z: −1.78 + 1.56/2 and −0.6 + 1.73/2
    expect(row(0)).toEqual([0, -1.2, -1.78 + 0.78, 3.9, 1.6, 1.56, 0]);
    expect(row(1)).toEqual([0, -1.2, -1, 3.9, 1.6, 1.56, Math.PI / 2]);
    expect(row(2)).toEqual([0, -1.2, -0.6 + 0.865, 0.8, 0.6, 1.73, 0]);
    expect(row(4).slice(0, 2)).toEqual([1.6, -1.2]);
    expect(row(8).slice(0, 2)).toEqual([0, 0]);
    expect(row(23).slice(0, 2)).toEqual([1.6, 1.2]);
    expect([...labels]).toEqual(Array.from({ length: 24 }, (_, i) => Math.floor((i % 4) / 2)));
  });

  test("by hand: in the centre of each cell", () => {
    const { boxes } = buildAnchors({ ...small, anchors: { rotations: [0], alignCenter: true } });
    const centres = [0, 2, 4].map((i) => [...boxes.subarray(i * 7, i * 7 + 2)]);
    // half a cell of 0.8 m in
    const expected = [0.4, -0.8, 1.2, -0.8, 0.4, 0];
    centres.flat().forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 14);
    });
  });

  test("one cell: at the minimum of the range", () => {
    const { boxes, width, height } = buildAnchors({ ...small, pointRange: [2, 3, -3, 2.8, 3.8, 1] });
    expect([width, height]).toEqual([1, 1]);
    expect([...boxes.subarray(0, 2)]).toEqual([2, 3]);
  });
});

describe("headMapSize", () => {
  test("by hand: 384 cells halved three times; 1408 × 1600 likewise", () => {
    expect(headMapSize(mini)).toEqual({ width: 48, height: 48 });
    expect(headMapSize(builtinConfig("second-kitti"))).toEqual({ width: 176, height: 200 });
    // 69.12 m / 0.16 m = 432 and 79.36 m / 0.16 m = 496 columns, halved by the first block alone.
    expect(headMapSize(builtinConfig("pointpillars-kitti"))).toEqual({ width: 216, height: 248 });
  });

  test("of grids that no halving leaves whole", () => {
    for (const cells of [384, 383, 257, 100, 81]) {
      const config = { ...mini, pointRange: [0, 0, -3, cells / 10, 40, 1] as const };
      // Three layers halve the grid, each upwards.
      expect(headMapSize(config), `${cells} cells`).toEqual({ width: Math.ceil(cells / 8), height: 50 });
    }
  });
});
