import { describe, expect, it } from "vitest";
import { gridSize, MAX_GRID_CELLS, type VoxelGrid } from "../src/index.js";

describe("gridSize", () => {
  it.each<[VoxelGrid["range"], VoxelGrid["voxelSize"], number[]]>([
    [
      [0, -40, -3, 70.4, 40, 1],
      [0.05, 0.05, 0.1],
      [1408, 1600, 40],
    ],
    [
      [0, -39.68, -3, 69.12, 39.68, 1],
      [0.16, 0.16, 4],
      [432, 496, 1],
    ],
    [
      [0, 0, 0, 1, 1, 1],
      [1, 0.5, 0.4],
      [1, 2, 3],
    ], // 1 / 0.4 = 2.5: to the nearest, upwards
  ])("range %j, size %j", (range, voxelSize, cells) => {
    expect(gridSize({ range, voxelSize })).toEqual(cells);
  });

  it("allows as many cells as an index can count, and no more", () => {
    expect(gridSize({ range: [0, 0, 0, 2 ** 15, 2 ** 15, 1], voxelSize: [1, 1, 1] })).toEqual([2 ** 15, 2 ** 15, 1]);
    const tooMany: VoxelGrid = { range: [0, 0, 0, 2 ** 16, 2 ** 15, 1], voxelSize: [1, 1, 1] };
    expect(() => gridSize(tooMany)).toThrow(
      `gridSize: expected at most ${MAX_GRID_CELLS} cells for the grid, got 65536 x 32768 x 1 = 2147483648; ` +
        "enlarge voxelSize or shrink range",
    );
  });

  it.each<[number[], number[], string]>([
    [[0, 0, 0, 0, 1, 1], [1, 1, 1], "expected finite x bounds with min < max for range, got 0 and 0"],
    [[0, 2, 0, 1, 1, 1], [1, 1, 1], "expected finite y bounds with min < max for range, got 2 and 1"],
    [[0, 0, Number.NaN, 1, 1, 1], [1, 1, 1], "expected finite z bounds with min < max for range, got NaN and 1"],
    [[0, 0, 0, 1, 1, Number.POSITIVE_INFINITY], [1, 1, 1], "expected finite z bounds"],
    [[0, 0, 0, 1, 1, 1], [1, 0, 1], "expected a finite y size > 0 for voxelSize, got 0"],
    [[0, 0, 0, 1, 1, 1], [1, 1, -1], "expected a finite z size > 0 for voxelSize, got -1"],
    [[0, 0, 0, 1, 1, 1], [3, 1, 1], "expected 1 to 2147483647 cells along x for the grid, got 0"],
    [[0, 0, 0, 1, 1, 1], [1e-30, 1, 1], "cells along x for the grid, got "],
  ])("range %j, size %j: refused", (range, voxelSize, message) => {
    const grid = { range, voxelSize } as unknown as VoxelGrid;
    expect(() => gridSize(grid)).toThrow(RangeError);
    expect(() => gridSize(grid)).toThrow(message);
  });

  it("refuses lists of the wrong length", () => {
    const grid = { range: [0, 0, 1, 1], voxelSize: [1, 1, 1] } as unknown as VoxelGrid;
    expect(() => gridSize(grid)).toThrow("gridSize: expected 6 numbers for range, got 4 [0, 0, 1, 1]");
    const noSize = { range: [0, 0, 0, 1, 1, 1] } as unknown as VoxelGrid;
    expect(() => gridSize(noSize)).toThrow("gridSize: expected 3 numbers for voxelSize, got undefined");
  });
});
