import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { buildStridedRulebook, buildSubmanifoldRulebook, type Rulebook, type Triple } from "../src/index.js";
import { pairsByMap, sitesByMap } from "./oracle/rulebook-by-map.js";
import { randomSites } from "./random-sites.js";

// Which rows, which pairs, in which order: number by number. Sites in a small grid and the same ones in grids whose cells an
// int32 cannot count take different ways through the builders.

const SHAPE: Triple = [6, 9, 8];
/** 2^33 cells: neither a bitmap nor int32 keys */
const HUGE: Triple = [2 ** 11, 2 ** 11, 2 ** 11];
/** 6·9·2^20 cells: int32 keys, but too many cells per site for a bitmap */
const LONG: Triple = [6, 9, 2 ** 20];

interface Case {
  readonly kernel: Triple;
  readonly stride: Triple;
  readonly padding: Triple;
  readonly dilation: Triple;
}

const ONES: Triple = [1, 1, 1];
const CASES: readonly Case[] = [
  { kernel: [3, 3, 3], stride: [2, 2, 2], padding: [1, 1, 1], dilation: ONES },
  { kernel: [3, 3, 3], stride: ONES, padding: [0, 1, 2], dilation: ONES },
  { kernel: [3, 1, 1], stride: [2, 1, 1], padding: [0, 0, 0], dilation: ONES },
  { kernel: [2, 2, 2], stride: [2, 2, 2], padding: [0, 0, 0], dilation: ONES },
  // strides beyond the kernel: some sites reach nothing
  { kernel: [1, 2, 1], stride: [2, 3, 4], padding: [0, 1, 0], dilation: ONES },
  // dilations that share a factor with the stride, and that do not
  { kernel: [2, 3, 3], stride: [2, 2, 3], padding: [2, 2, 2], dilation: [2, 2, 2] },
  { kernel: [1, 4, 2], stride: [1, 2, 2], padding: [3, 3, 3], dilation: [3, 1, 3] },
  // more taps than a word has bits
  { kernel: [1, 1, 33], stride: [1, 1, 2], padding: [0, 0, 16], dilation: ONES },
];

function rowsOf(coords: Int32Array): number[][] {
  return Array.from({ length: coords.length / 4 }, (_, row) => [...coords.subarray(4 * row, 4 * row + 4)]);
}

function plain({ outputCoords, map }: Rulebook) {
  return {
    sites: rowsOf(outputCoords),
    starts: [...map.starts],
    inputs: [...map.inputs],
    outputs: [...map.outputs],
  };
}

describe.each([
  ["a small grid", SHAPE],
  ["a long grid", LONG],
  ["a huge grid", HUGE],
] as const)("pairs in %s, number by number", (_, shape) => {
  const rng = seededRandom(21);
  const shuffled = randomSites(rng, { shape: SHAPE, batchSize: 2, density: 0.2 });
  const sorted = Int32Array.from(
    rowsOf(shuffled)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3])
      .flat(),
  );
  const sites = [
    ["sorted", sorted],
    ["in any order", shuffled],
    ["one", sorted.subarray(0, 4)],
  ] as const;

  it.each(CASES)("strided %j", (window) => {
    for (const [name, coords] of sites) {
      const rulebook = buildStridedRulebook(coords, { shape, batchSize: 2, ...window });
      const inputs = rowsOf(coords);
      const outputs = sitesByMap(inputs, rulebook.outputShape, window);
      expect(plain(rulebook), name).toEqual(pairsByMap(outputs, inputs, window));
    }
  });

  it.each(CASES)("submanifold %j", ({ kernel, dilation }) => {
    const padding = kernel.map((cells, axis) => Math.floor(cells / 2) * dilation[axis]);
    for (const [name, coords] of sites) {
      const rulebook = buildSubmanifoldRulebook(coords, { shape, batchSize: 2, kernel, dilation });
      const inputs = rowsOf(coords);
      expect(plain(rulebook), name).toEqual(pairsByMap(inputs, inputs, { kernel, stride: ONES, padding, dilation }));
    }
  });
});
