import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { type GridTriple, type Kernels, mostTapsPerSite, type SiteGrid, type WindowShape } from "../src/index.js";
import { describeLayers } from "./layers.js";
import { allShiftedPairs, windowPairsByMap } from "./oracle/rulebook.js";

/** `count` different whole numbers below `limit`, in any order. */
function differentKeys(rng: () => number, count: number, limit: number): Float64Array {
  const keys = new Set<number>();
  while (keys.size < count) keys.add(Math.floor(rng() * limit));
  return Float64Array.from(keys);
}

describeLayers("sortKeys", (kernels) => {
  function sort(keys: Float64Array) {
    const [sorted, order] = [new Float64Array(keys.length), new Int32Array(keys.length)];
    kernels.sortKeys(keys, { sorted, order });
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
        const rng = seededRandom(count);
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
    expect(() => kernels.sortKeys(keys, { sorted: keys, order: new Int32Array(2) })).toThrow(
      "sortKeys: expected an output apart",
    );
    expect(() => kernels.sortKeys(keys, { sorted: new Float64Array(1), order: new Int32Array(2) })).toThrow(
      "sortKeys: expected 2 entries [2] for sorted, got 1",
    );
  });
});

describeLayers("sortSites", (kernels) => {
  function sort(coords: readonly number[], grid: SiteGrid) {
    const rows = coords.length / 4;
    const sites = { keys: new Float64Array(rows), order: new Int32Array(rows), faults: new Int32Array(2) };
    kernels.sortSites(Int32Array.from(coords), sites, grid);
    return { keys: [...sites.keys], order: [...sites.order], faults: [...sites.faults] };
  }
  const small: SiteGrid = { batchSize: 2, shape: [2, 3, 4], margin: [0, 1, 2] };

  it("by hand: three sites of two grids", () => {
    // lines of 4 + 2 cells, layers of 3 + 1 lines, grids of 2 layers
    const last = ((1 * 2 + 1) * 4 + 2) * 6 + 3;
    expect(sort([1, 1, 2, 3, 0, 0, 0, 1, 0, 0, 1, 0], small)).toEqual({
      keys: [1, 6, last],
      order: [1, 2, 0],
      faults: [-1, -1],
    });
  });

  it.each([0, 1, 2, 500])("sorts %i sites of grids with more cells than an int32 can count", (count) => {
    const rng = seededRandom(count + 1);
    const grid: SiteGrid = { batchSize: 64, shape: [41, 1600, 1408], margin: [1, 1, 1] };
    const below = [64, 41, 1600, 1408];
    const sites = Array.from({ length: count }, () => below.map((limit) => Math.floor(rng() * limit)));
    const keyOf = ([b, z, y, x]: readonly number[]) => ((b * 42 + z) * 1601 + y) * 1409 + x;
    const order = Array.from(sites.keys()).sort((i, j) => keyOf(sites[i]) - keyOf(sites[j]));
    const keys = order.map((row) => keyOf(sites[row]));
    expect(sort(sites.flat(), grid)).toEqual({ keys, order, faults: [-1, -1] });
    const sorted = order.flatMap((row) => sites[row]);
    expect(sort(sorted, grid)).toEqual({ keys, order: [...order.keys()], faults: [-1, -1] });
  });

  it("tells the first site outside of its grid", () => {
    for (const outside of [
      [2, 0, 0, 0],
      [-1, 0, 0, 0],
      [0, 2, 0, 0],
      [0, -1, 0, 0],
      [0, 0, 3, 0],
      [0, 0, -1, 0],
      [0, 0, 0, 4],
      [0, 0, 0, -(2 ** 31)],
    ])
      expect(sort([1, 1, 2, 3, ...outside, ...outside], small).faults).toEqual([1, -1]);
  });

  it("tells the first of the sorted sites that comes again", () => {
    expect(sort([1, 1, 2, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3], small)).toEqual({
      keys: [0, 0, 48, 87, 87],
      order: [1, 3, 2, 0, 4],
      faults: [-1, 1],
    });
    expect(sort([0, 0, 0, 0, 0, 0, 0, 0], small).faults).toEqual([-1, 1]);
  });

  it("refuses grids and arrays that do not fit", () => {
    const huge = 2 ** 20;
    expect(() => sort([], { ...small, shape: [huge, huge, huge], margin: [0, 0, 0] })).toThrow(
      new RangeError("sortSites: expected at most 2^53 cells, got 2305843009213694000"),
    );
    expect(() => sort([], { ...small, shape: [2, 0, 4] })).toThrow("for shape y, got 0");
    expect(() => sort([], { ...small, margin: [0, 0, -1] })).toThrow("for margin x, got -1");
    expect(() => sort([0, 0, 0, 0, 0, 0], small)).toThrow("sortSites: expected 4 entries [1,4] for coords, got 6");
    const order = new Int32Array(1);
    const sites = { keys: new Float64Array(1), order, faults: new Int32Array(1) };
    expect(() => kernels.sortSites(new Int32Array(4), sites, small)).toThrow(
      "expected 2 entries [2] for faults, got 1",
    );
    const shared = { ...sites, order: new Int32Array(sites.keys.buffer, 0, 1), faults: new Int32Array(2) };
    expect(() => kernels.sortSites(new Int32Array(4), shared, small)).toThrow("an output apart");
  });
});

describeLayers("shiftedPairs", (kernels) => {
  function find(keys: Float64Array, order: Int32Array, shifts: Float64Array) {
    const room = () => new Int32Array(keys.length * shifts.length);
    const pairs = { inputs: room(), outputs: room(), starts: new Int32Array(shifts.length + 1) };
    kernels.shiftedPairs({ keys, order, shifts }, pairs);
    const { inputs, outputs, starts } = pairs;
    return Array.from(shifts, (_, t) =>
      Array.from(inputs.subarray(starts[t], starts[t + 1]), (input, i) => [input, outputs[starts[t] + i]]),
    );
  }
  const counting = (count: number) => Int32Array.from({ length: count }, (_, i) => i);

  it("by hand: six cells of a line and their neighbours", () => {
    const keys = Float64Array.of(1, 2, 4, 5, 7, 8);
    const threeBack = [
      [0, 2],
      [1, 3],
      [2, 4],
      [3, 5],
    ];
    const next = [
      [1, 0],
      [3, 2],
      [5, 4],
    ];
    expect(find(keys, counting(6), Float64Array.of(-3, 1))).toEqual([threeBack, next]);
    // the same cells from the right to the left: row 5 is cell 1
    const backwards = threeBack.map((pair) => pair.map((place) => 5 - place)).reverse();
    expect(find(keys, Int32Array.of(5, 4, 3, 2, 1, 0), Float64Array.of(-3))).toEqual([backwards]);
  });

  // runs of shifts and single ones, mirrored and not, 0, the same one twice, one that no pair has
  const shiftSets = [
    [-21, -20, -19, -1, 0, 1, 19, 20, 21],
    [-21, -20, -1, 0, 19, 20],
    [-2, 0, 2],
    [21, 20, 19, 19, -1, 1, -(2 ** 52), 2 ** 52],
    [-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6],
    [],
  ];
  // dense, sparse, just below and above keys that fit an int32 with a shift, and far above
  for (const [count, first, range] of [
    [0, 0, 10],
    [1, 7, 1],
    [15, 0, 15],
    [300, 0, 300],
    [301, 0, 900],
    [200, 2 ** 29 - 600, 590],
    [200, 2 ** 29 - 300, 600],
    [200, 2 ** 31 - 300, 600],
    [200, 2 ** 53 - 700, 700],
  ])
    it(`finds all pairs of ${count} keys from ${first} in ${range}`, () => {
      const rng = seededRandom(count + range);
      const keys = differentKeys(rng, count, range)
        .map((key) => first + key)
        .sort();
      const shuffled = Int32Array.from(differentKeys(rng, count, Math.max(count, 1)));
      for (const order of [counting(count), shuffled])
        for (const shifts of shiftSets) {
          const expected = shifts.map((shift) => allShiftedPairs(keys, order, shift));
          expect(find(keys, order, Float64Array.from(shifts)), shifts.join()).toEqual(expected);
        }
    });

  it("refuses keys, orders and shifts that are none", () => {
    const two = Float64Array.of(1, 2);
    const one = Float64Array.of(1);
    expect(() => find(Float64Array.of(1, 1), counting(2), one)).toThrow(
      new RangeError("shiftedPairs: expected an integer of at least 2 for keys[1], got 1"),
    );
    for (const key of [-1, 0.5, NaN, Infinity, 2 ** 53])
      expect(() => find(Float64Array.of(key), counting(1), one)).toThrow(
        new RangeError(`shiftedPairs: expected an integer of at least 0 for keys[0], got ${key}`),
      );
    for (const shift of [0.5, NaN, 2 ** 53])
      expect(() => find(one, counting(1), Float64Array.of(2, shift))).toThrow(
        new RangeError(`shiftedPairs: expected an integer for shifts[1], got ${shift}`),
      );
    expect(() => find(two, Int32Array.of(0, 2), one)).toThrow("shiftedPairs: expected 0..1 for order[1], got 2");
    expect(() => find(two, Int32Array.of(1, 1), one)).toThrow(
      new RangeError("shiftedPairs: expected every row once in order, got 1 twice"),
    );
    const [inputs, outputs, starts] = [new Int32Array(2), new Int32Array(2), new Int32Array(2)];
    const shifted = { keys: two, order: counting(2), shifts: one };
    expect(() => kernels.shiftedPairs(shifted, { inputs, outputs: new Int32Array(1), starts })).toThrow(
      "shiftedPairs: expected 2 entries [1,2] for outputs, got 1",
    );
    expect(() => kernels.shiftedPairs(shifted, { inputs, outputs: inputs, starts })).toThrow("an output apart");
    expect(() => kernels.shiftedPairs({ ...shifted, order: outputs }, { inputs, outputs, starts })).toThrow(
      "an output apart",
    );
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
  kernels.windowPairs({ coords: Int32Array.from(sites.flat()), order }, pairs, window);
  const { starts, inputs, outputs } = pairs;
  const taps = Array.from(starts.subarray(1), (end, tap) =>
    Array.from(inputs.subarray(starts[tap], end), (row, i) => [row, outputs[starts[tap] + i]]),
  );
  return { cells: [...pairs.cells.subarray(0, pairs.cellCount[0])], taps };
}

const ones: GridTriple = [1, 1, 1];
const MOST = 2 ** 31 - 1;
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
  // the way to a cell leads through numbers that no int32 can hold
  { outputShape: [4, 7, 130], kernel: [1, 2, 1], stride: ones, padding: [0, MOST, 0], dilation: [1, MOST, 1] },
  { outputShape: [4, 1, 130], kernel: [1, 3, 1], stride: [1, MOST, 1], padding: [0, MOST, 0], dilation: [1, MOST, 1] },
];

describe("mostTapsPerSite", () => {
  it("refuses windows that are none", () => {
    const kernel: GridTriple = [3, 3, 3];
    const window = { kernel, stride: kernel, dilation: kernel };
    expect(mostTapsPerSite(window)).toBe(27);
    expect(mostTapsPerSite({ ...window, stride: [2 ** 40, 2, 1] })).toBe(6); // larger than any grid of windowPairs
    expect(() => mostTapsPerSite({ ...window, stride: [Number.NaN, 1, 1] })).toThrow(
      new RangeError("mostTapsPerSite: expected three integers of at least 1, for z, y and x, for stride, got NaN,1,1"),
    );
    expect(() => mostTapsPerSite({ ...window, dilation: [1, 1] as unknown as GridTriple })).toThrow(
      new RangeError("mostTapsPerSite: expected three integers of at least 1, for z, y and x, for dilation, got 1,1"),
    );
  });
});

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
    const rng = seededRandom(5);
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
      kernels.windowPairs(
        { coords: Int32Array.from(site), order: Int32Array.from(order) },
        windowRoom(order.length, line),
        window,
      );
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
    const odd = (change: object) => run([0, 0, 0, 0], [0], { ...line, ...change });
    expect(odd({ kernel: [1, 1, 2, 2] })).toThrow(
      new RangeError("windowPairs: expected three integers, for z, y and x, for kernel, got 4 of them"),
    );
    expect(odd({ stride: undefined })).toThrow(
      new RangeError("windowPairs: expected three integers, for z, y and x, for stride, got undefined"),
    );
    expect(odd({ shape: 2 })).toThrow(
      new RangeError("windowPairs: expected three integers, for z, y and x, for shape, got 2"),
    );
    expect(() =>
      kernels.windowPairs({ coords: new Int32Array(8), order: Int32Array.of(1, 1) }, windowRoom(2, line), line),
    ).toThrow("windowPairs: expected every row once in order, got 1 twice");
    const sites = { coords: new Int32Array(4), order: new Int32Array(1) };
    const short = { ...windowRoom(1, line), cells: new Int32Array(1) };
    expect(() => kernels.windowPairs(sites, short, line)).toThrow(
      "windowPairs: expected 2 entries [2] for cells, got 1",
    );
    const room = windowRoom(1, line);
    expect(() => kernels.windowPairs(sites, { ...room, outputs: room.inputs }, line)).toThrow("an output apart");
  });
});
