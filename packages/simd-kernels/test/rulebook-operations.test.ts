import { expect, it } from "vitest";
import { type GridTriple, type Kernels, mostTapsPerSite, type WindowShape } from "../src/index.js";
import { seeded } from "./oracle/arrays.js";
import { describeLayers } from "./oracle/layers.js";
import { allGapPairs, windowPairsByMap } from "./oracle/rulebook.js";

/** `count` different whole numbers below `limit`, in any order. */
function differentKeys(rng: () => number, count: number, limit: number): Float64Array {
  const keys = new Set<number>();
  while (keys.size < count) keys.add(Math.floor(rng() * limit));
  return Float64Array.from(keys);
}

describeLayers("sortKeys", (kernels) => {
  function sort(keys: Float64Array) {
    const [sorted, order] = [new Float64Array(keys.length), new Int32Array(keys.length)];
    kernels.sortKeys(keys, sorted, order);
    return { sorted, order };
  }

  it("by hand: equal keys keep their order", () => {
    const { sorted, order } = sort(Float64Array.of(5, 3, 2 ** 53 - 1, 3, 0));
    expect([...sorted]).toEqual([0, 3, 3, 5, 2 ** 53 - 1]);
    expect([...order]).toEqual([4, 1, 3, 0, 2]);
  });

  // below and above one, two and three digits of 11 bits, an int32, and beyond it
  for (const limit of [1, 2 ** 11, 2 ** 22 + 1, 2 ** 31, 2 ** 31 + 1000, 2 ** 53])
    for (const count of [0, 1, 2, 1000])
      it(`sorts ${count} keys below ${limit}`, () => {
        const rng = seeded(count);
        const keys = Float64Array.from({ length: count }, () => Math.floor(rng() * limit));
        const expected = [...keys].map((key, place) => ({ key, place })).sort((a, b) => a.key - b.key);
        const { sorted, order } = sort(keys);
        expect([...sorted]).toEqual(expected.map(({ key }) => key));
        expect([...order]).toEqual(expected.map(({ place }) => place));
      });

  it("refuses what is no whole number, and overlapping arrays", () => {
    for (const key of [-1, 0.5, NaN, Infinity, 2 ** 53])
      expect(() => sort(Float64Array.of(0, key))).toThrow(
        new RangeError(`sortKeys: expected whole numbers from 0 to 2^53 - 1 for keys[1], got ${key}`),
      );
    const keys = new Float64Array(2);
    expect(() => kernels.sortKeys(keys, keys, new Int32Array(2))).toThrow("sortKeys: expected an output apart");
    expect(() => kernels.sortKeys(keys, new Float64Array(1), new Int32Array(2))).toThrow(
      "sortKeys: expected 2 entries [2] for sorted, got 1",
    );
  });
});

describeLayers("gapPairs", (kernels) => {
  function find(keys: Float64Array, gaps: Float64Array) {
    const room = () => new Int32Array(keys.length * gaps.length);
    const pairs = { lower: room(), upper: room(), starts: new Int32Array(gaps.length + 1) };
    kernels.gapPairs(keys, gaps, pairs);
    return pairs;
  }

  it("by hand: six cells of a line and their neighbours", () => {
    // 1, 2, 4 and 5 have a cell three further on; 1, 4 and 7 have one next to them
    const { lower, upper, starts } = find(Float64Array.of(1, 2, 4, 5, 7, 8), Float64Array.of(3, 1));
    expect([...starts]).toEqual([0, 4, 7]);
    expect([...lower.subarray(0, 7)]).toEqual([0, 1, 2, 3, 0, 2, 4]);
    expect([...upper.subarray(0, 7)]).toEqual([2, 3, 4, 5, 1, 3, 5]);
  });

  // dense, sparse, just below and above int32 keys with room for a gap, and far above
  for (const [count, first, range] of [
    [0, 0, 10],
    [1, 7, 1],
    [300, 0, 300],
    [300, 0, 900],
    [200, 2 ** 30 - 600, 1200],
    [200, 2 ** 53 - 700, 700],
  ])
    it(`finds all pairs of ${count} keys from ${first} in ${range}`, () => {
      const keys = differentKeys(seeded(count + range), count, range)
        .map((key) => first + key)
        .sort();
      // three neighbours, the last of them twice, a gap by itself, one that no pair has
      const gaps = Float64Array.of(21, 20, 19, 19, 1, 2 ** 52);
      const { lower, upper, starts } = find(keys, gaps);
      gaps.forEach((gap, g) => {
        const found = Array.from(lower.subarray(starts[g], starts[g + 1]), (low, i) => [low, upper[starts[g] + i]]);
        expect(found, `gap ${gap}`).toEqual(allGapPairs(keys, gap));
      });
    });

  it("refuses keys and gaps that are none", () => {
    expect(() => find(Float64Array.of(1, 1), Float64Array.of(1))).toThrow(
      new RangeError("gapPairs: expected an integer of at least 2 for keys[1], got 1"),
    );
    expect(() => find(Float64Array.of(0.5), Float64Array.of(1))).toThrow(
      "gapPairs: expected an integer of at least 0 for keys[0], got 0.5",
    );
    expect(() => find(Float64Array.of(1), Float64Array.of(2, 0))).toThrow(
      new RangeError("gapPairs: expected an integer of at least 1 for gaps[1], got 0"),
    );
    const [keys, gaps, starts] = [Float64Array.of(1, 2), Float64Array.of(1), new Int32Array(2)];
    const lower = new Int32Array(2);
    expect(() => kernels.gapPairs(keys, gaps, { lower, upper: new Int32Array(1), starts })).toThrow(
      "gapPairs: expected 2 entries [1,2] for upper, got 1",
    );
    expect(() => kernels.gapPairs(keys, gaps, { lower, upper: lower, starts })).toThrow("an output apart");
  });
});

/** Arrays for the most pairs that there can be. */
function windowRoom(rows: number, window: WindowShape) {
  const most = rows * mostTapsPerSite(window);
  const taps = window.kernel[0] * window.kernel[1] * window.kernel[2];
  return {
    inputs: new Int32Array(most),
    outputs: new Int32Array(most),
    cells: new Int32Array(most),
    cellCount: new Int32Array(1),
    starts: new Int32Array(taps + 1),
  };
}

function runWindow(kernels: Kernels, sites: readonly (readonly number[])[], order: Int32Array, window: WindowShape) {
  const pairs = windowRoom(order.length, window);
  kernels.windowPairs(Int32Array.from(sites.flat()), order, window, pairs);
  const { starts, inputs, outputs } = pairs;
  const taps = Array.from(starts.subarray(1), (end, tap) =>
    Array.from(inputs.subarray(starts[tap], end), (row, i) => [row, outputs[starts[tap] + i]]),
  );
  return { cells: [...pairs.cells.subarray(0, pairs.cellCount[0])], taps };
}

const ones: GridTriple = [1, 1, 1];
const line: WindowShape = {
  batchSize: 1,
  shape: [1, 1, 5],
  outputShape: [1, 1, 3],
  kernel: [1, 1, 3],
  stride: [1, 1, 2],
  padding: [0, 0, 1],
  dilation: ones,
};

/** Windows on the grid [4, 7, 130]: output grids of whole words of the bitmap and not. */
const windows: readonly Omit<WindowShape, "batchSize" | "shape">[] = [
  { outputShape: [2, 4, 65], kernel: [3, 3, 3], stride: [2, 2, 2], padding: ones, dilation: ones },
  { outputShape: [2, 5, 128], kernel: [3, 3, 3], stride: ones, padding: [0, 0, 0], dilation: ones },
  { outputShape: [1, 7, 130], kernel: [3, 1, 1], stride: [2, 1, 1], padding: [0, 0, 0], dilation: ones },
  { outputShape: [2, 3, 33], kernel: [1, 2, 1], stride: [2, 3, 4], padding: [0, 1, 0], dilation: ones },
  { outputShape: [3, 4, 44], kernel: [2, 3, 3], stride: [2, 2, 3], padding: [2, 2, 2], dilation: [2, 2, 2] },
  { outputShape: [4, 7, 64], kernel: [1, 1, 29], stride: [1, 1, 2], padding: [0, 0, 13], dilation: ones },
];

describeLayers("windowPairs", (kernels) => {
  it("by hand: a line of five cells, every other one", () => {
    // cells 1 and 3 of the line; tap 0 leads from x to (x + 1)/2, tap 1 to x/2, tap 2 to (x - 1)/2, where these are whole
    const sites = [
      [0, 0, 0, 3],
      [0, 0, 0, 1],
    ];
    expect(runWindow(kernels, sites, Int32Array.of(1, 0), line)).toEqual({
      cells: [0, 1, 2],
      taps: [
        [
          [1, 1],
          [0, 2],
        ],
        [],
        [
          [1, 0],
          [0, 1],
        ],
      ],
    });
  });

  it.each(windows)("agrees with the definition: %j", (sizes) => {
    const window = { ...sizes, batchSize: 2, shape: [4, 7, 130] as const };
    const rng = seeded(5);
    for (const count of [0, 1, 700]) {
      const keys = differentKeys(rng, count, 2 * 4 * 7 * 130);
      const sites = Array.from(keys, (key) => {
        const row = Math.floor(key / 130);
        return [Math.floor(row / 28), Math.floor(row / 7) % 4, row % 7, key % 130];
      });
      const order = Int32Array.from(keys.keys()).sort((a, b) => keys[a] - keys[b]);
      expect(runWindow(kernels, sites, order, window)).toEqual(windowPairsByMap(sites, order, window));
    }
  });

  it("refuses sites, orders and windows that are none", () => {
    const run = (site: readonly number[], order: number[], window: WindowShape) => () =>
      kernels.windowPairs(Int32Array.from(site), Int32Array.from(order), window, windowRoom(order.length, line));
    for (const site of [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, -1, 0],
      [0, 0, 0, 5],
    ])
      expect(run(site, [0], line)).toThrow(
        new RangeError(
          "windowPairs: expected batch < 1 and cells within [1, 1, 5] for coords, " +
            `got [${site.join(", ")}] in row 0`,
        ),
      );
    expect(run([0, 0, 0, 0], [1], line)).toThrow("windowPairs: expected 0..0 for order[0], got 1");
    expect(run([0, 0, 0], [0], line)).toThrow("windowPairs: expected 4 entries [1,4] for coords, got 3");
    expect(run([0, 0, 0, 0], [0], { ...line, stride: [1, 1, 0] })).toThrow("for stride x, got 0");
    expect(run([0, 0, 0, 0], [0], { ...line, outputShape: [1, 2 ** 15, 2 ** 15 + 1] })).toThrow(
      new RangeError("windowPairs: expected at most 2^30 output cells, got 1073774592"),
    );
    expect(run([0, 0, 0, 0], [0], { ...line, kernel: [1, 1, 30] })).toThrow(
      new RangeError("windowPairs: expected at most 31 taps along all axes for kernel, got 32"),
    );
    const short = { ...windowRoom(1, line), cells: new Int32Array(1) };
    expect(() => kernels.windowPairs(new Int32Array(4), new Int32Array(1), line, short)).toThrow(
      "windowPairs: expected 2 entries [2] for cells, got 1",
    );
    const room = windowRoom(1, line);
    expect(() =>
      kernels.windowPairs(new Int32Array(4), new Int32Array(1), line, { ...room, outputs: room.inputs }),
    ).toThrow("an output apart");
  });
});
