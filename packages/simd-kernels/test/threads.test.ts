import { describeUnless, randomFloats, seededRandom } from "test-support";
import { expect, it } from "vitest";
import { type Conv2dShape, type Kernels, loadKernels, type MappedGemmOptions } from "../src/index.js";
import { randomIntegers } from "./arrays.js";
import { describeLayers, tryLayer, whyNot } from "./layers.js";

const native = tryLayer("native");
const rng = seededRandom(2024);

/** A tap's pairs in random order over few rows: rows repeat inside a tile. */
function crowdedMap(taps: number, pairs: number, rows: number): MappedGemmOptions["map"] {
  const starts = Int32Array.from({ length: taps + 1 }, (_, t) => Math.floor((pairs * t) / taps));
  return { taps, starts, inputs: randomIntegers(rng, pairs, 0, rows), outputs: randomIntegers(rng, pairs, 0, rows) };
}

const shape: Conv2dShape = {
  batch: 2,
  inHeight: 30,
  inWidth: 31,
  inChannels: 40,
  outHeight: 15,
  outWidth: 16,
  outChannels: 33,
  filterHeight: 3,
  filterWidth: 3,
  strideHeight: 2,
  strideWidth: 2,
  padTop: 1,
  padLeft: 1,
  dilationHeight: 1,
  dilationWidth: 1,
};
/** The same with stride 1: minimal filtering. */
const filtered = { ...shape, outHeight: 30, outWidth: 31, strideHeight: 1, strideWidth: 1 };
const pixels = randomFloats(rng, 2 * 30 * 31 * 40);
const filter = randomFloats(rng, 9 * 40 * 33);
const gradient = randomFloats(rng, 2 * 15 * 16 * 33);
const mapped = { map: crowdedMap(9, 4000, 300), inRows: 300, outRows: 300, cin: 24, cout: 24 };
const wide = { map: crowdedMap(3, 300, 40), inRows: 40, outRows: 40, cin: 520, cout: 18 };
const values = randomFloats(rng, 300 * 700);
const channel = randomFloats(rng, 700);
const matrix = { rows: 300, columns: 700 };
const norm = { rows: 300, channels: 700, epsilon: 1e-3, relu: true };
const more = () => new Float32Array(700);

/** Cells of a grid [2,8,40,40], every third or so, ascending. */
const keys = Float64Array.from({ length: 8000 }, (_, i) => 3 * i + Math.floor(2 * rng()));
const sites = Int32Array.from(
  [...keys].flatMap((key) => [
    Math.floor(key / 12_800),
    Math.floor(key / 1600) % 8,
    Math.floor(key / 40) % 40,
    key % 40,
  ]),
);

/** What operations write. */
type Output = Float32Array | Float64Array | Int32Array;

/** Each operation on work large enough to be shared; returns its outputs. */
const operations: Record<string, (kernels: Kernels) => Output[]> = {
  gemm: (k) =>
    one(90_000, (out) =>
      k.gemm(values, values.subarray(0, 210_000), out, { m: 300, n: 300, k: 700, transposeB: true }),
    ),
  "gemm of few rows": (k) =>
    one(9 * 300, (out) => k.gemm(values.subarray(0, 6300), values, out, { m: 9, n: 300, k: 700, transposeB: true })),
  mappedGemm: (k) =>
    one(300 * 24, (out) => k.mappedGemm(values.subarray(0, 7200), filter.subarray(0, 5184), out, mapped)),
  "mappedGemm of many channels": (k) =>
    one(40 * 18, (out) => k.mappedGemm(values.subarray(0, 20_800), values.subarray(0, 3 * 520 * 18), out, wide)),
  mappedGemmInputGradient: (k) =>
    one(300 * 24, (out) => k.mappedGemmInputGradient(values.subarray(0, 7200), filter.subarray(0, 5184), out, mapped)),
  mappedGemmWeightGradient: (k) =>
    one(9 * 24 * 24, (out) =>
      k.mappedGemmWeightGradient(values.subarray(0, 7200), pixels.subarray(0, 7200), out, mapped),
    ),
  conv2d: (k) => one(gradient.length, (out) => k.conv2d(pixels, filter, out, shape)),
  conv2dBiasRelu: (k) =>
    one(gradient.length, (out) =>
      k.conv2dBiasRelu({ input: pixels, filter, bias: values.subarray(0, shape.outChannels) }, out, shape),
    ),
  conv2dInputGradient: (k) => one(pixels.length, (out) => k.conv2dInputGradient(gradient, filter, out, shape)),
  conv2dFilterGradient: (k) => one(filter.length, (out) => k.conv2dFilterGradient(pixels, gradient, out, shape)),
  "conv2d of stride 1": (k) => one(2 * 930 * 33, (out) => k.conv2d(pixels, filter, out, filtered)),
  "conv2dBiasRelu of stride 1": (k) =>
    one(2 * 930 * 33, (out) =>
      k.conv2dBiasRelu({ input: pixels, filter, bias: values.subarray(0, filtered.outChannels) }, out, filtered),
    ),
  "conv2dInputGradient of stride 1": (k) =>
    one(pixels.length, (out) => k.conv2dInputGradient(pixels.subarray(0, 2 * 930 * 33), filter, out, filtered)),
  "conv2dFilterGradient of stride 1": (k) =>
    one(filter.length, (out) => k.conv2dFilterGradient(pixels, pixels.subarray(0, 2 * 930 * 33), out, filtered)),
  patchHeads: (k) =>
    one(6 * 35 * 9 * 24, (out) =>
      k.patchHeads(
        {
          ...{ cells: values.subarray(0, 6 * 35 * 100), neck: values.subarray(0, 100 * 9 * 20) },
          ...{ neckBias: values.subarray(0, 180), head: values.subarray(0, 20 * 24), headBias: values.subarray(0, 24) },
          widths: Int32Array.of(5, 19),
        },
        out,
        { lines: 6, width: 35, inChannels: 100, side: 3, channels: 20, outputs: 24 },
      ),
    ),
  ...bfloat16Operations(),
  rowPairDistances: (k) => one(90_000, (out) => k.rowPairDistances(values, out, { rows: 300, dims: 700 })),
  batchNormRelu: (k) => {
    const [out, mean, variance, dx, dgamma, dbeta] = [values.slice(), more(), more(), values.slice(), more(), more()];
    const inputs = { x: values, gamma: channel, beta: channel };
    k.batchNormReluForward(inputs, { out, mean, variance }, norm);
    const outputs = { inputGradient: dx, gammaGradient: dgamma, betaGradient: dbeta };
    k.batchNormReluBackward({ ...inputs, outGradient: values.slice().reverse(), mean, variance }, outputs, norm);
    return [out, mean, variance, dx, dgamma, dbeta];
  },
  segmentSum: (k) =>
    one(50 * 700, (out) =>
      k.segmentSum(
        values,
        Int32Array.from({ length: 300 }, (_, i) => (i * 7) % 50),
        out,
        { ...matrix, segments: 50 },
      ),
    ),
  segmentMax: (k) => {
    const [maxima, winners] = [new Float32Array(50 * 700), new Int32Array(50 * 700)];
    const starts = Int32Array.from({ length: 51 }, (_, i) => Math.floor((i * 300) / 50));
    k.segmentMax(values, starts, { values: maxima, winners }, { ...matrix, segments: 50 });
    return [maxima, winners];
  },
  "reduce rows": (k) =>
    one(1, (out) => k.reduce(values, out, { operation: "sum", outer: 1, inner: 210_000, axis: "inner" })),
  "reduce columns": (k) =>
    one(700, (out) => k.reduce(values, out, { operation: "sum", outer: 300, inner: 700, axis: "outer" })),
  kthNeighbours: (k) => {
    const [radii, neighbours] = [new Float64Array(120), new Int32Array(120)];
    k.kthNeighbours(
      values.subarray(0, 2 * 1700 * 60),
      { radii, neighbours },
      { images: 2, dims: 1700, samples: 60, k: 6 },
    );
    return [radii, neighbours];
  },
  edgeGradient: (k) =>
    one(210_000, (out) =>
      k.edgeGradient(
        {
          x: values,
          neighbours: Int32Array.from({ length: 300 }, (_, i) => (i * 7) % 50),
          weights: Float64Array.from(values.subarray(0, 300)),
        },
        out,
        { images: 1, dims: 700, samples: 300 },
      ),
    ),
  binary: (k) =>
    one(210_000, (out) => k.binary(values, channel, out, { operation: "mul", ...matrix, aMode: "full", bMode: "row" })),
  multiplyAddChain: (k) => {
    const out = values.slice();
    k.multiplyAddChain(out, { rounds: 50, factor: 0.9, addend: 0.1 });
    return [out];
  },
  copy: (k) => one(values.length, (out) => k.copy(values, out)),
  "gemm that adds to its result, transposed": (k) => {
    const out = values.slice(0, 90_000);
    k.gemm(values, values, out, { m: 300, n: 300, k: 700, transposeA: true, accumulate: true });
    return [out];
  },
  scaleShiftRelu: (k) =>
    one(210_000, (out) =>
      k.scaleShiftRelu({ x: values, scale: channel, shift: channel }, out, { rows: 300, channels: 700, relu: true }),
    ),
  gatherRows: (k) =>
    one(210_000, (out) => k.gatherRows(values, randomIntegers(seededRandom(3), 300, -1, 300), out, matrix)),
  copyColumns: (k) =>
    one(300 * 900, (out) =>
      k.copyColumns(values, out, {
        rows: 300,
        columns: 650,
        xColumns: 700,
        xFirst: 20,
        outColumns: 900,
        outFirst: 100,
      }),
    ),
  unary: (k) => one(210_000, (out) => k.unary(values, out, { operation: "rsqrt" })),
  "reduce to means, maxima and minima": (k) =>
    (["mean", "max", "min"] as const).flatMap((operation) => [
      ...one(300, (out) => k.reduce(values, out, { operation, outer: 300, inner: 700, axis: "inner" })),
      ...one(700, (out) => k.reduce(values, out, { operation, outer: 300, inner: 700, axis: "outer" })),
    ]),
  adamw: (k) => {
    const [parameters, firstMoment] = [values.slice(), values.slice().reverse()];
    const state = { parameters, firstMoment, secondMoment: values.map(Math.abs) };
    const rates = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, step: 3 };
    k.adamw({ ...state, gradient: values }, state, rates);
    return Object.values(state);
  },
  sortKeys: (k) => {
    const [sorted, order] = [new Float64Array(8000), new Int32Array(8000)];
    k.sortKeys(
      keys.map((_, i) => keys[(i * 3001) % 8000]),
      { sorted, order },
    );
    return [sorted, order];
  },
  sortSites: (k) => {
    const shuffled = sites.map((_, i) => sites[4 * (((i >> 2) * 3001) % 8000) + (i & 3)]);
    const sorted = { keys: new Float64Array(8000), order: new Int32Array(8000), faults: new Int32Array(2) };
    k.sortSites(shuffled, sorted, { batchSize: 2, shape: [8, 40, 40], margin: [1, 1, 1] });
    return Object.values(sorted);
  },
  shiftedPairs: (k) => {
    const [inputs, outputs, starts] = [new Int32Array(72_000), new Int32Array(72_000), new Int32Array(10)];
    const order = Int32Array.from({ length: 8000 }, (_, i) => (i * 3001) % 8000);
    const shifts = Float64Array.of(-41, -40, -39, -1, 0, 1, 39, 40, 41);
    k.shiftedPairs({ keys, order, shifts }, { inputs, outputs, starts });
    return [starts, inputs.subarray(0, starts[9]), outputs.subarray(0, starts[9])];
  },
  windowPairs: (k) => {
    const [inputs, outputs, cells] = [new Int32Array(64_000), new Int32Array(64_000), new Int32Array(64_000)];
    const [cellCount, starts] = [new Int32Array(1), new Int32Array(28)];
    const window = {
      ...({ batchSize: 2, shape: [8, 40, 40], outputShape: [4, 20, 20], kernel: [3, 3, 3] } as const),
      ...({ stride: [2, 2, 2], padding: [1, 1, 1], dilation: [1, 1, 1] } as const),
    };
    const order = Int32Array.from({ length: 8000 }, (_, i) => i);
    k.windowPairs({ coords: sites, order }, { inputs, outputs, cells, cellCount, starts }, window);
    const pairs = [inputs.subarray(0, starts[27]), outputs.subarray(0, starts[27])];
    return [starts, cellCount, cells.subarray(0, cellCount[0]), ...pairs];
  },
};

/** Products of bfloat16, whose operands are packed another way. */
function bfloat16Operations(): Record<string, (kernels: Kernels) => Output[]> {
  const precision = "bfloat16";
  const products: Record<string, (kernels: Kernels) => Output[]> = {
    gemm: (k) =>
      one(90_000, (out) =>
        k.gemm(values, values.subarray(0, 210_000), out, { m: 300, n: 300, k: 700, transposeB: true, precision }),
      ),
    "gemm of a transposed left side": (k) =>
      one(49, (out) => k.gemm(values, values, out, { m: 7, n: 7, k: 30_000, transposeA: true, precision })),
    mappedGemm: (k) =>
      one(300 * 24, (out) =>
        k.mappedGemm(values.subarray(0, 7200), filter.subarray(0, 5184), out, { ...mapped, precision }),
      ),
    mappedGemmWeightGradient: (k) =>
      one(9 * 24 * 24, (out) =>
        k.mappedGemmWeightGradient(values.subarray(0, 7200), pixels.subarray(0, 7200), out, { ...mapped, precision }),
      ),
  };
  for (const [name, s, length] of [
    ["", shape, gradient.length],
    [" of stride 1", filtered, 2 * 930 * 33],
  ] as const) {
    const options = { ...s, precision } as const;
    const outGradient = pixels.subarray(0, length);
    products[`conv2d${name}`] = (k) => one(length, (out) => k.conv2d(pixels, filter, out, options));
    products[`conv2dInputGradient${name}`] = (k) =>
      one(pixels.length, (out) => k.conv2dInputGradient(outGradient, filter, out, options));
    products[`conv2dFilterGradient${name}`] = (k) =>
      one(filter.length, (out) => k.conv2dFilterGradient(pixels, outGradient, out, options));
  }
  return Object.fromEntries(Object.entries(products).map(([name, run]) => [`${name} of bfloat16`, run]));
}

function one(length: number, run: (out: Float32Array) => void): Float32Array[] {
  const out = new Float32Array(length);
  run(out);
  return [out];
}

/** Bit patterns: equal floats may differ in the sign of zero. */
const bytes = (arrays: readonly Output[]) =>
  Buffer.concat(arrays.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength)));

describeUnless(whyNot(native), "threads", () => {
  for (const name of Object.keys(operations))
    it(`${name}: the same bits with 1, 2, 3, 5 and 7 threads, and again`, () => {
      const expected = bytes(operations[name](loadKernels("native", { threads: 1 })));
      for (const threads of [2, 3, 5, 7, 2])
        expect(bytes(operations[name](loadKernels("native", { threads }))).equals(expected), `${threads} threads`).toBe(
          true,
        );
    });
});

const wasm = tryLayer("wasm");
const sse2 = tryLayer("native", { instructionSet: "sse2", threads: 1 });

describeUnless(whyNot(wasm, sse2), "WebAssembly and SSE2", () => {
  for (const name of Object.keys(operations))
    it(`${name}: the same bits, from the same lanes, tile and roundings`, () => {
      expect(bytes(operations[name](wasm as Kernels)).equals(bytes(operations[name](sse2 as Kernels)))).toBe(true);
    });
});

const fused = tryLayer("wasm", { instructionSet: "simd128fma" });
const avx2 = tryLayer("native", { instructionSet: "avx2", threads: 1 });
/** Where multiply-adds take most of the time. */
const isFused = (name: string) => /^(gemm|mappedGemm|conv2d|patchHeads|scaleShiftRelu)/.test(name);

describeUnless(whyNot(fused, avx2), "WebAssembly of fused multiply-adds and AVX2", () => {
  for (const name of Object.keys(operations).filter(isFused))
    it(`${name}: the same bits, from the same chains of sums`, () => {
      expect(bytes(operations[name](fused as Kernels)).equals(bytes(operations[name](avx2 as Kernels)))).toBe(true);
    });
});

describeUnless(whyNot(fused, wasm), "WebAssembly with and without fused multiply-adds", () => {
  for (const name of Object.keys(operations).filter((each) => !isFused(each)))
    it(`${name}: the same bits`, () => {
      expect(bytes(operations[name](fused as Kernels)).equals(bytes(operations[name](wasm as Kernels)))).toBe(true);
    });
});

const binaryOperations = ["add", "sub", "mul", "div", "max", "min", "squaredDifference"] as const;
const unaryOperations = ["relu", "neg", "abs", "square", "sqrt", "reciprocal", "step"] as const;

/** What takes one correctly rounded step per element, or none, and what works on whole numbers. */
const exact = (k: Kernels): Output[] => [
  ...binaryOperations.flatMap((operation) =>
    one(210_000, (out) => k.binary(values, channel, out, { operation, ...matrix, aMode: "full", bMode: "row" })),
  ),
  ...unaryOperations.flatMap((operation) => one(210_000, (out) => k.unary(values, out, { operation }))),
  ...operations.gatherRows(k),
  ...operations.copyColumns(k),
  ...operations.copy(k),
  ...operations.sortKeys(k),
  ...operations.sortSites(k),
  ...operations.shiftedPairs(k),
  ...operations.windowPairs(k),
  ...(["max", "min"] as const).flatMap((operation) =>
    one(700, (out) => k.reduce(values, out, { operation, outer: 300, inner: 700, axis: "outer" })),
  ),
];

describeLayers("elementwise and integer operations", (k) => {
  it("have the same bits as in TypeScript", () => {
    expect(bytes(exact(k)).equals(bytes(exact(loadKernels("typescript"))))).toBe(true);
  });
});
