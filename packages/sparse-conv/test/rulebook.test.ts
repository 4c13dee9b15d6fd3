import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import {
  buildInverseRulebook,
  buildStridedRulebook,
  buildSubmanifoldRulebook,
  type Rulebook,
  type Triple,
} from "../src/index.js";
import { randomSites } from "./random-sites.js";

/** Every pair as "tap: input > output", with rows. */
function pairsOf({ map }: Rulebook): string[] {
  return Array.from({ length: map.taps }, (_, tap) => tap).flatMap((tap) =>
    Array.from(
      { length: map.starts[tap + 1] - map.starts[tap] },
      (_, i) => `${tap}: ${map.inputs[map.starts[tap] + i]} > ${map.outputs[map.starts[tap] + i]}`,
    ),
  );
}

/** Every pair as "tap: input site > output site", sorted: independent of the order of rows. */
function sitePairsOf(rulebook: Rulebook, coords: Int32Array): string[] {
  const site = (of: Int32Array, row: number) => of.subarray(4 * row, 4 * row + 4).join();
  const { taps, starts, inputs, outputs } = rulebook.map;
  const pairs: string[] = [];
  for (let tap = 0; tap < taps; tap++)
    for (let pair = starts[tap]; pair < starts[tap + 1]; pair++)
      pairs.push(`${tap}: ${site(coords, inputs[pair])} > ${site(rulebook.outputCoords, outputs[pair])}`);
  return pairs.sort();
}

const FULL: Triple = [41, 1600, 1408];

describe("by hand", () => {
  it("submanifold: three sites of a line", () => {
    // x = 4, 0, 1: sites 0 and 1 are neighbours, 4 is alone
    const coords = Int32Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1);
    const rulebook = buildSubmanifoldRulebook(coords, { shape: [1, 1, 5], batchSize: 1, kernel: [1, 1, 3] });
    expect(pairsOf(rulebook)).toEqual(["0: 1 > 2", "1: 0 > 0", "1: 1 > 1", "1: 2 > 2", "2: 2 > 1"]);
    expect(rulebook.outputCoords).toEqual(coords);
  });

  it("submanifold: neither rows, layers nor batches touch at their ends", () => {
    // the last cell of a line and the first of the next, of the next layer, of the next batch
    const coords = Int32Array.of(0, 0, 0, 3, 0, 0, 1, 0, 0, 0, 1, 3, 0, 1, 0, 0, 0, 1, 1, 3, 1, 0, 0, 0);
    const options = { shape: [2, 2, 4], batchSize: 2 } as const;
    for (const dilation of [1, 2, 4, 5]) {
      const rulebook = buildSubmanifoldRulebook(coords, { ...options, kernel: [1, 1, 3], dilation: [1, 1, dilation] });
      expect(pairsOf(rulebook)).toEqual(["1: 0 > 0", "1: 1 > 1", "1: 2 > 2", "1: 3 > 3", "1: 4 > 4", "1: 5 > 5"]);
    }
  });

  it("strided: kernel 3, stride 2, padding 1 on a line", () => {
    // output o sees inputs 2o-1, 2o, 2o+1: input 3 is right of o = 1 and left of o = 2, input 0 is the middle of o = 0
    const coords = Int32Array.of(0, 0, 0, 3, 0, 0, 0, 0);
    const rulebook = buildStridedRulebook(coords, {
      shape: [1, 1, 6],
      batchSize: 1,
      kernel: [1, 1, 3],
      stride: [1, 1, 2],
      padding: [0, 0, 1],
    });
    expect(rulebook.outputShape).toEqual([1, 1, 3]);
    expect([...rulebook.outputCoords]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2]);
    expect(pairsOf(rulebook)).toEqual(["0: 0 > 2", "1: 1 > 0", "2: 0 > 1"]);
  });

  it("strided: a dilation that shares a factor with the stride reaches with every tap", () => {
    // 2o - 2 + 2k = 4 for k = 0, 1, 2 at o = 3, 2, 1
    const coords = Int32Array.of(0, 4, 4, 4);
    const rulebook = buildStridedRulebook(coords, {
      shape: [9, 9, 9],
      batchSize: 1,
      kernel: [3, 3, 3],
      stride: [2, 2, 2],
      padding: [2, 2, 2],
      dilation: [2, 2, 2],
    });
    expect(rulebook.outRows).toBe(27);
    expect([...rulebook.map.starts]).toEqual(Array.from({ length: 28 }, (_, tap) => tap));
  });

  it("inverse: the same pairs with the roles swapped", () => {
    const coords = Int32Array.of(0, 0, 0, 3, 0, 0, 0, 0);
    const shape: Triple = [1, 1, 6];
    const window = { kernel: [1, 1, 3], stride: [1, 1, 2], padding: [0, 0, 1] } as const;
    const inverse = buildInverseRulebook(buildStridedRulebook(coords, { shape, batchSize: 1, ...window }), {
      coords,
      shape,
    });
    expect(pairsOf(inverse)).toEqual(["0: 2 > 0", "1: 0 > 1", "2: 1 > 0"]);
    expect([inverse.inRows, inverse.outRows, inverse.outputShape]).toEqual([3, 2, shape]);
    expect(inverse.outputCoords).toEqual(coords);
  });

  it("no site: no pair", () => {
    const options = { shape: FULL, batchSize: 1, kernel: [3, 3, 3] } as const;
    for (const rulebook of [
      buildSubmanifoldRulebook(new Int32Array(0), options),
      buildStridedRulebook(new Int32Array(0), { ...options, stride: [2, 2, 2], padding: [1, 1, 1] }),
      buildStridedRulebook(new Int32Array(0), { ...options, batchSize: 0 }),
    ]) {
      expect([rulebook.inRows, rulebook.outRows, rulebook.map.inputs.length]).toEqual([0, 0, 0]);
      expect([...rulebook.map.starts]).toEqual(new Array(28).fill(0));
    }
  });

  it("strided: many sites on an axis that is longer than the kernel's table", () => {
    const cells = 2 ** 20;
    const sites = 4097;
    const coords = Int32Array.from({ length: 4 * sites }, (_, i) => (i % 4 === 3 ? 256 * (i >> 2) : 0));
    const window = { kernel: [1, 1, 2], stride: [1, 1, 2] } as const;
    // window o begins at 2o − 1, so that an even cell 2o is its second
    for (const length of [cells + 1, cells + 2]) {
      const { outputCoords, outRows, map } = buildStridedRulebook(coords, {
        ...window,
        shape: [1, 1, length],
        batchSize: 1,
        padding: [0, 0, 1],
      });
      const reached = Array.from({ length: outRows }, (_, row) => outputCoords[4 * row + 3]);
      expect(reached).toEqual(Array.from({ length: sites }, (_, row) => 128 * row));
      expect([...map.starts]).toEqual([0, 0, sites]);
      expect([...map.inputs]).toEqual([...map.outputs]);
    }
  });

  it("64 grids of full size do not collide", () => {
    // 64 · 41 · 1600 · 1408 = 5.9e9 cells: equal modulo 2^32 are, among others, keys a whole 2^32 apart
    const last: Triple = [40, 1599, 1407];
    const apart = 2 ** 32;
    const [batch, z, y, x] = cellOf(apart);
    const coords = Int32Array.of(0, 0, 0, 0, batch, z, y, x, 63, ...last, 0, ...last, 63, 40, 1599, 1406);
    const options = { shape: FULL, batchSize: 64, kernel: [3, 3, 3] } as const;
    expect(sitePairsOf(buildSubmanifoldRulebook(coords, options), coords)).toEqual(
      [
        ...[0, 1, 2, 3, 4].map((row) => coords.subarray(4 * row, 4 * row + 4).join()).map((s) => `13: ${s} > ${s}`),
        "12: 63,40,1599,1406 > 63,40,1599,1407",
        "14: 63,40,1599,1407 > 63,40,1599,1406",
      ].sort(),
    );
    const strided = buildStridedRulebook(coords, { ...options, kernel: [1, 1, 1] });
    expect([...strided.outputCoords]).toEqual(
      [
        [0, 0, 0, 0],
        [0, ...last],
        [batch, z, y, x],
        [63, 40, 1599, 1406],
        [63, ...last],
      ].flat(),
    );
  });
});

function cellOf(key: number): number[] {
  const x = key % FULL[2];
  const line = (key - x) / FULL[2];
  const y = line % FULL[1];
  const layer = (line - y) / FULL[1];
  return [(layer - (layer % FULL[0])) / FULL[0], layer % FULL[0], y, x];
}

describe.each([11, 12, 13])("laws, seed %i", (seed) => {
  const rng = seededRandom(seed);
  const shape: Triple = [5, 7, 6];
  const coords = randomSites(rng, { shape, batchSize: 3, density: 0.3 });
  const rows = coords.length / 4;
  const options = { shape, batchSize: 3, kernel: [3, 3, 3] } as const;
  const strided = { ...options, stride: [2, 1, 2], padding: [1, 0, 1] } as const;

  it("permuting the rows permutes the pairs", () => {
    const order = Array.from({ length: rows }, (_, row) => row).sort(() => rng() - 0.5);
    const shuffled = Int32Array.from(order.flatMap((row) => [...coords.subarray(4 * row, 4 * row + 4)]));
    expect(sitePairsOf(buildSubmanifoldRulebook(shuffled, options), shuffled)).toEqual(
      sitePairsOf(buildSubmanifoldRulebook(coords, options), coords),
    );
    const [a, b] = [buildStridedRulebook(shuffled, strided), buildStridedRulebook(coords, strided)];
    expect(a.outputCoords).toEqual(b.outputCoords);
    expect(sitePairsOf(a, shuffled)).toEqual(sitePairsOf(b, coords));
  });

  it("submanifold pairs are symmetric about the middle tap, and each site meets itself there", () => {
    const pairs = pairsOf(buildSubmanifoldRulebook(coords, options));
    const mirrored = pairs.map((pair) => {
      const [tap, input, output] = pair.split(/: | > /).map(Number);
      return `${26 - tap}: ${output} > ${input}`;
    });
    expect(mirrored.sort()).toEqual([...pairs].sort());
    expect(pairs.filter((pair) => pair.startsWith("13:"))).toEqual(
      Array.from({ length: rows }, (_, row) => `13: ${row} > ${row}`),
    );
  });

  it("output sites ascend, and in each tap the output rows do", () => {
    const rulebook = buildStridedRulebook(coords, strided);
    const [depth, height, width] = rulebook.outputShape;
    const keys = Array.from({ length: rulebook.outRows }, (_, row) => {
      const [b, z, y, x] = rulebook.outputCoords.subarray(4 * row, 4 * row + 4);
      return ((b * depth + z) * height + y) * width + x;
    });
    expect(keys.length).toBeGreaterThan(10);
    for (let i = 1; i < keys.length; i++) expect(keys[i]).toBeGreaterThan(keys[i - 1]);
    for (const { map } of [rulebook, buildSubmanifoldRulebook(coords, options)])
      for (let tap = 0; tap < map.taps; tap++)
        for (let pair = map.starts[tap] + 1; pair < map.starts[tap + 1]; pair++)
          expect(map.outputs[pair]).toBeGreaterThan(map.outputs[pair - 1]);
  });

  it("a batch is its grids one by one", () => {
    const together = [
      sitePairsOf(buildSubmanifoldRulebook(coords, options), coords),
      sitePairsOf(buildStridedRulebook(coords, strided), coords),
    ];
    const alone: string[][] = [[], []];
    for (let batch = 0; batch < 3; batch++) {
      const own: number[] = [];
      for (let row = 0; row < rows; row++)
        if (coords[4 * row] === batch) own.push(0, ...coords.subarray(4 * row + 1, 4 * row + 4));
      const sites = Int32Array.from(own);
      const back = (pairs: string[]) => pairs.map((pair) => pair.replaceAll(/ 0,/g, ` ${batch},`));
      alone[0].push(...back(sitePairsOf(buildSubmanifoldRulebook(sites, { ...options, batchSize: 1 }), sites)));
      alone[1].push(...back(sitePairsOf(buildStridedRulebook(sites, { ...strided, batchSize: 1 }), sites)));
    }
    expect(alone.map((pairs) => pairs.sort())).toEqual(together);
  });

  it("moving all sites moves the output sites", () => {
    const inner = Int32Array.from(coords, (value, i) => (i % 4 === 0 ? value : value + 2));
    const wide = [9, 11, 10] as const;
    const a = buildStridedRulebook(inner, { ...strided, shape: wide, stride: [2, 2, 2], padding: [3, 3, 3] });
    const b = buildStridedRulebook(coords, { ...strided, shape: wide, stride: [2, 2, 2], padding: [5, 5, 5] });
    // two cells further in, with two cells less of padding, is the same place
    expect(a.map).toEqual(b.map);
    expect(a.outputCoords).toEqual(b.outputCoords);
  });

  it("leaves earlier rulebooks alone", () => {
    for (const build of [buildSubmanifoldRulebook, buildStridedRulebook]) {
      const rulebook = build(coords, strided);
      const before = structuredClone(rulebook);
      build(coords.subarray(0, 4), strided);
      buildStridedRulebook(coords, options);
      expect(rulebook).toEqual(before);
    }
  });

  it("leaves its arguments alone", () => {
    const before = coords.slice();
    buildSubmanifoldRulebook(coords, options);
    buildStridedRulebook(coords, strided);
    expect(coords).toEqual(before);
  });
});

describe("errors", () => {
  const good = { shape: [2, 3, 4], batchSize: 2, kernel: [3, 3, 3] } as const;
  const one = Int32Array.of(0, 0, 0, 0);
  const builders = [buildSubmanifoldRulebook, buildStridedRulebook] as const;

  it.each(builders.map((build) => [build.name, build] as const))("%s on sites", (name, build) => {
    expect(() => build([0, 0, 0, 0] as unknown as Int32Array, good)).toThrow(
      new TypeError(`${name}: expected an Int32Array for coords, got [object Array]`),
    );
    expect(() => build(new Int32Array(6), good)).toThrow(
      new RangeError(`${name}: expected batch, z, y, x per site in coords, got 6 numbers`),
    );
    for (const site of [
      [2, 0, 0, 0],
      [-1, 0, 0, 0],
      [0, 2, 0, 0],
      [0, -1, 0, 0],
      [0, 0, 3, 0],
      [0, 0, -1, 0],
      [0, 0, 0, 4],
      [0, 0, 0, -1],
    ]) {
      expect(() => build(Int32Array.of(0, 0, 0, 0, ...site), good)).toThrow(
        new RangeError(
          `${name}: expected batch < 2 and cells within [2, 3, 4] in coords, got [${site.join(", ")}] in row 1`,
        ),
      );
    }
    expect(() => build(Int32Array.of(1, 1, 2, 3, 0, 0, 0, 0, 1, 1, 2, 3), good)).toThrow(
      new RangeError(`${name}: expected every site once in coords, got [1, 1, 2, 3] in rows 0 and 2`),
    );
  });

  it.each(builders.map((build) => [build.name, build] as const))("%s on sizes", (name, build) => {
    expect(() => build(one, { ...good, shape: [2, 3] as unknown as Triple })).toThrow(
      new RangeError(`${name}: expected three numbers (z, y, x) for shape, got 2,3`),
    );
    expect(() => build(one, { ...good, shape: [2, 0, 4] })).toThrow(
      new RangeError(`${name}: expected whole numbers of at least 1 for shape, got 0`),
    );
    expect(() => build(one, { ...good, batchSize: 1.5 })).toThrow(
      new RangeError(`${name}: expected whole numbers of at least 0 for batchSize, got 1.5`),
    );
    expect(() => build(one, { ...good, kernel: [3, 3, 0] })).toThrow(
      new RangeError(`${name}: expected whole numbers of at least 1 for kernel, got 0`),
    );
    expect(() => build(one, { ...good, dilation: [1, NaN, 1] })).toThrow(
      new RangeError(`${name}: expected whole numbers of at least 1 for dilation, got NaN`),
    );
    const huge: Triple = [2 ** 20, 2 ** 20, 2 ** 20];
    expect(() => build(one, { ...good, shape: huge })).toThrow(
      new RangeError(`${name}: expected at most 2^53 cells, got 2 grids of [1048576, 1048576, 1048576]`),
    );
  });

  it("buildStridedRulebook on its window", () => {
    expect(() => buildStridedRulebook(one, { ...good, stride: [0, 1, 1] })).toThrow(
      new RangeError("buildStridedRulebook: expected whole numbers of at least 1 for stride, got 0"),
    );
    expect(() => buildStridedRulebook(one, { ...good, padding: [0, 0, -1] })).toThrow(
      new RangeError("buildStridedRulebook: expected whole numbers of at least 0 for padding, got -1"),
    );
    expect(() => buildStridedRulebook(one, good)).toThrow(
      new RangeError(
        "buildStridedRulebook: expected a window that fits into the padded grid, got kernel [3, 3, 3], dilation " +
          "[1, 1, 1], padding [0, 0, 0] on shape [2, 3, 4]",
      ),
    );
    expect(() => buildStridedRulebook(one, { ...good, padding: [2 ** 20, 2 ** 20, 2 ** 20] })).toThrow(
      "buildStridedRulebook: expected at most 2^53 output cells, got 2 grids of [",
    );
  });

  it("buildInverseRulebook on other sites", () => {
    const rulebook = buildStridedRulebook(one, { ...good, kernel: [1, 1, 1] });
    expect(() => buildInverseRulebook(rulebook, { coords: new Int32Array(8), shape: good.shape })).toThrow(
      new RangeError("buildInverseRulebook: expected the 1 sites that the rulebook was built for, got 2"),
    );
  });
});
