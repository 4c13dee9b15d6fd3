import { describe, expect, it } from "vitest";
import { describeLayers } from "./layers.js";

// Calls that would make a kernel read or write outside of its arguments, or run for no end. What holds for every operation of the
// table is in operations.test.ts and the fuzzer.

const relu = { operation: "relu" } as const;
const fixed = "expected an ArrayBuffer of fixed length under";

/** TypeScript knows neither of these. */
const resizable = (bytes: number) =>
  new (ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer)(bytes, {
    maxByteLength: 2 * bytes,
  });

describeLayers("memory of arrays", (kernels) => {
  const x = new Float32Array(8).fill(3);

  it("is not gone", () => {
    const array = new Float32Array(8);
    structuredClone(array.buffer, { transfer: [array.buffer] });
    expect(() => kernels.unary(x, array, relu)).toThrow(`unary: ${fixed} out, got a detached one`);
    expect(() => kernels.unary(array, new Float32Array(8), relu)).toThrow(`unary: ${fixed} x, got a detached one`);
    const none = new Float32Array(0);
    kernels.unary(none, new Float32Array(0), relu); // empty is not detached
  });

  it("cannot be made shorter, also where the code is optimised", () => {
    for (let i = 0; i < 3000; i++) {
      const buffer = resizable(96);
      const array = i % 2 ? new Float32Array(buffer, 32, 8) : new Float32Array(buffer);
      if (i % 3) structuredClone(buffer, { transfer: [buffer] });
      const length = i % 2 || i % 3 ? 8 : array.length;
      expect(() => kernels.unary(new Float32Array(length), array, relu)).toThrow(
        `unary: ${fixed} out, got a resizable`,
      );
    }
  });

  it("is not shared with other threads", () => {
    const array = new Float32Array(new SharedArrayBuffer(32));
    expect(() => kernels.unary(x, array, relu)).toThrow(`unary: ${fixed} out, got a SharedArrayBuffer`);
  });

  it("is as long as the engine says, whatever the array says", () => {
    class Longer extends Float32Array {
      override get length(): number {
        return 1000;
      }
    }
    const longer = Object.defineProperty(new Float32Array(8), "length", { value: 1000 });
    for (const array of [new Longer(8), longer]) {
      expect(() => kernels.unary(array, new Float32Array(1000), relu)).toThrow("expected 8 entries");
      const out = new Float32Array(8);
      kernels.unary(array.fill(2), out, relu);
      expect([...out]).toEqual(Array(8).fill(2));
    }
    const other = Object.defineProperty(new Uint8Array(8), Symbol.toStringTag, { value: "Float32Array" });
    expect(() => kernels.unary(other as never, x, relu)).toThrow("expected Float32Array for x, got Uint8Array");
  });

  it("is what was checked when the arguments answer differently later", () => {
    let asked = 0;
    const options = {
      operation: "sum",
      axis: "inner",
      inner: 4,
      get outer() {
        return asked++ === 0 ? 2 : 100_000;
      },
    } as const;
    const out = new Float32Array(2);
    kernels.reduce(x, out, options);
    expect([...out]).toEqual([12, 12]);
    const indices = Int32Array.of(0, 1);
    const map = {
      taps: 1,
      starts: Int32Array.of(0, 2),
      outputs: indices,
      get inputs() {
        return asked++ % 2 ? indices : Int32Array.of(0, 1 << 30);
      },
    };
    const sizes = { inRows: 8, outRows: 8, cin: 1, cout: 1 };
    asked = 1;
    kernels.mappedGemm(x, new Float32Array(1), new Float32Array(8), { map, ...sizes });
  });

  it.each(["gatherRows", "segmentSum", "mappedGemm", "treeNeighbours"])(
    "of indices is no output of %s",
    (operation) => {
      const n = 64;
      const buffer = new ArrayBuffer(8 * n);
      const [out, indices] = [new Float32Array(buffer, 0, n), new Int32Array(buffer, 4, n)];
      const call = {
        gatherRows: () => kernels.gatherRows(new Float32Array(n), indices, out, { rows: n, columns: 1 }),
        segmentSum: () => kernels.segmentSum(new Float32Array(n), indices, out, { rows: n, columns: 1, segments: n }),
        mappedGemm() {
          const map = { taps: 1, starts: Int32Array.of(0, n), inputs: indices, outputs: new Int32Array(n) };
          kernels.mappedGemm(new Float32Array(n), new Float32Array(1), out, {
            map,
            inRows: n,
            outRows: n,
            cin: 1,
            cout: 1,
          });
        },
        treeNeighbours() {
          const [starts, ends] = [Int32Array.of(0, 0), Int32Array.of(n, n)];
          const tree = { points: new Float64Array(n), index: indices, starts, ends, boxes: new Float64Array(4) };
          const nearest = { distances: new Float64Array(buffer), indices: new Int32Array(n) };
          kernels.treeNeighbours(tree, nearest, { samples: n, dims: 1, k: 1, norm: "max" });
        },
      }[operation as "gatherRows"];
      expect(call).toThrow(`${operation}: expected an output apart from its inputs, got overlapping arrays`);
    },
  );

  it("is in one leaf of a tree only", () => {
    const nearest = { distances: new Float64Array(4), indices: new Int32Array(4) };
    const tree = { points: new Float64Array(4), index: Int32Array.of(0, 1, 2, 3), boxes: new Float64Array(8) };
    const search = (starts: number[], ends: number[]) =>
      kernels.treeNeighbours({ ...tree, starts: Int32Array.from(starts), ends: Int32Array.from(ends) }, nearest, {
        samples: 4,
        dims: 1,
        k: 1,
        norm: "max",
      });
    search([0, 0, 0, 2], [0, 4, 2, 4]);
    expect(() => search([0, 0, 0, 1], [0, 4, 2, 4])).toThrow(
      "treeNeighbours: expected leaves one after the other for starts and ends, got 1..4 for node 3",
    );
    expect(() => search([0, 0, 2, 2], [0, 4, 1, 4])).toThrow("got 2..1 for node 2");
  });
});

describeLayers("huge sizes", (kernels) => {
  const huge = 2 ** 31 - 1;
  const none = new Float32Array(0);
  const conv = {
    ...{ batch: 1, inHeight: 1, inWidth: 1, inChannels: 1, outHeight: 1, outWidth: 1, outChannels: 1 },
    ...{ filterHeight: 1, filterWidth: 1, strideHeight: 1, strideWidth: 1, padTop: 0, padLeft: 0 },
    ...{ dilationHeight: 1, dilationWidth: 1 },
  };

  it("beside an empty dimension are sums of nothing", () => {
    const out = new Float32Array(4).fill(7);
    const large = 2 ** 29;
    kernels.gemm(none, none, none, { m: huge, n: 0, k: 0 });
    kernels.reduce(none, none, { operation: "sum", outer: huge, inner: 0, axis: "outer" });
    kernels.gatherRows(none, new Int32Array(5), none, { rows: huge, columns: 0 });
    kernels.conv2d(none, none, out, { ...conv, outHeight: 4, inChannels: 0, filterHeight: large, filterWidth: large });
    expect([...out]).toEqual([0, 0, 0, 0]);
    out.fill(7);
    kernels.conv2dFilterGradient(none, none, out, { ...conv, filterHeight: 4, batch: huge, inWidth: 0, outWidth: 0 });
    expect([...out]).toEqual([0, 0, 0, 0]);
    out.fill(7);
    kernels.conv2dInputGradient(none, none, out, { ...conv, inHeight: 4, outChannels: 0, filterWidth: large });
    expect([...out]).toEqual([0, 0, 0, 0]);
    const side = [2 ** 20, 1, 1] as const;
    const pairs = { inputs: new Int32Array(0), outputs: new Int32Array(0), cells: new Int32Array(0) };
    const found = { ...pairs, cellCount: Int32Array.of(7), starts: Int32Array.of(7, 7) };
    const window = { kernel: [1, 1, 1], stride: [1, 1, 1], padding: [0, 0, 0], dilation: [1, 1, 1] } as const;
    const grid = { batchSize: 2 ** 10, shape: side, outputShape: side, ...window };
    kernels.windowPairs({ coords: new Int32Array(0), order: new Int32Array(0) }, found, grid);
    expect([...found.starts, ...found.cellCount]).toEqual([0, 0, 0]);
  });

  it("are refused where they leave the numbers of the kernels", () => {
    const one = new Float32Array(1);
    expect(() => kernels.conv2d(one, one, one, { ...conv, dilationHeight: huge })).toThrow(
      "conv2d: expected at most 1073741824 for the reach of the filter",
    );
    const radii = { radii: new Float64Array(20_000), neighbours: new Int32Array(20_000) };
    expect(() => kernels.kthNeighbours(none, radii, { images: 1, dims: 0, samples: 20_000, k: 1 })).toThrow(
      "kthNeighbours: expected at most 16384 for samples, got 20000",
    );
  });
});

describe("the addon", () => {
  it("believes no length but its own", async () => {
    const { openAddon } = await import("../src/compiled/native-layer.js");
    let run: (...args: never) => number;
    try {
      run = openAddon().run;
    } catch {
      return; // the layer is not built here
    }
    const { compiledOperations } = await import("../src/operations/index.js");
    const code = Object.keys(compiledOperations).indexOf("copy");
    const copy = (lengths: number[], ...arrays: unknown[]) =>
      (run as (...args: unknown[]) => number)(
        0,
        1,
        code,
        new Float64Array(20).fill(8),
        Float64Array.from(lengths),
        ...arrays,
      );
    const [x, out] = [new Float32Array(8), new Float32Array(8)];
    expect(copy([8, 8], x, out)).toBe(0);
    expect(copy([9, 8], x, out)).toBe(-1);
    expect(copy([8, 8], x, new Float32Array(7))).toBe(-2);
    expect(copy([8, 8], new Int32Array(8), out)).toBe(-1);
    expect(copy([8, 8], x, {})).toBe(-2);
    structuredClone(out.buffer, { transfer: [out.buffer] });
    expect(copy([8, 8], x, out)).toBe(-2);
    expect(() => copy([8, 8], x)).toThrow("internal: expected run(");
  });
});
