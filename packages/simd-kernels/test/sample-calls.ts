import { randomFloats, seededRandom } from "test-support/random";
import type { Conv2dOptions, Operations } from "../src/index.js";
import { randomIntegers } from "./arrays.js";

/** Arguments of one valid call of every operation, with arrays of their own of at least three entries where that can be. */
export function sampleCalls(): { readonly [Name in keyof Operations]: Parameters<Operations[Name]> } {
  const rng = seededRandom(5);
  const floats = (length: number) => randomFloats(rng, length);
  const doubles = (length: number) => Float64Array.from(floats(length));
  const indices = (length: number, limit: number) => randomIntegers(rng, length, 0, limit);
  const counting = (length: number) => Int32Array.from({ length }, (_, i) => i);

  const map = { taps: 2, starts: Int32Array.of(0, 3, 5), inputs: indices(5, 4), outputs: indices(5, 6) };
  const mapped = { map, inRows: 4, outRows: 6, cin: 3, cout: 2, precision: "bfloat16" } as const;
  const shape: Conv2dOptions = {
    ...{ batch: 2, inHeight: 4, inWidth: 5, inChannels: 3, outHeight: 2, outWidth: 3, outChannels: 2 },
    ...{ filterHeight: 3, filterWidth: 3, strideHeight: 2, strideWidth: 2, padTop: 1, padLeft: 1 },
    ...{ dilationHeight: 1, dilationWidth: 1, precision: "bfloat16" },
  };
  const [pixels, filter, results] = [2 * 4 * 5 * 3, 9 * 3 * 2, 2 * 2 * 3 * 2];
  const norm = { rows: 5, channels: 3, epsilon: 1e-3, relu: true };
  const rates = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, step: 2 };
  const state = () => ({ parameters: floats(4), firstMoment: floats(4), secondMoment: floats(4).map(Math.abs) });
  const lists = () => ({ distances: new Float64Array(8).fill(Infinity), indices: new Int32Array(8).fill(-1) });
  const line = { batchSize: 1, shape: [1, 1, 8] as const };
  const window = { ...line, outputShape: [1, 1, 4], kernel: [1, 1, 2], stride: [1, 1, 2] } as const;
  const site = (x: number) => [0, 0, 0, x];

  return {
    gemm: [
      ...([floats(6), floats(12), floats(8)] as const),
      { m: 2, n: 4, k: 3, transposeA: false, transposeB: false, accumulate: false, precision: "bfloat16" },
    ],
    mappedGemm: [floats(12), floats(12), floats(12), mapped],
    mappedGemmInputGradient: [floats(12), floats(12), floats(12), { ...mapped, map: { ...map } }],
    mappedGemmWeightGradient: [floats(12), floats(12), floats(12), { ...mapped, map: { ...map } }],
    conv2d: [floats(pixels), floats(filter), floats(results), shape],
    conv2dInputGradient: [floats(results), floats(filter), floats(pixels), shape],
    conv2dFilterGradient: [floats(pixels), floats(results), floats(filter), shape],
    patchHeads: [
      {
        ...{ cells: floats(12), neck: floats(24), neckBias: floats(8), head: floats(6), headBias: floats(3) },
        widths: Int32Array.of(0, 2, 1),
      },
      floats(4 * 4 * 3),
      {
        ...{ lines: 2, width: 2, inChannels: 3, side: 2, channels: 2, outputs: 3 },
        ...{ accumulate: false, precision: "bfloat16" as const },
      },
    ],
    rowPairDistances: [floats(12), floats(9), { rows: 3, dims: 4 }],
    batchNormReluForward: [
      { x: floats(15), gamma: floats(3), beta: floats(3) },
      { out: floats(15), mean: floats(3), variance: floats(3) },
      norm,
    ],
    batchNormReluBackward: [
      {
        ...{ x: floats(15), outGradient: floats(15), gamma: floats(3), beta: floats(3) },
        ...{ mean: floats(3), variance: floats(3).map(Math.abs) },
      },
      { inputGradient: floats(15), gammaGradient: floats(3), betaGradient: floats(3) },
      norm,
    ],
    scaleShiftRelu: [{ x: floats(15), scale: floats(3), shift: floats(3) }, floats(15), { ...norm }],
    gatherRows: [floats(12), indices(3, 4), floats(9), { rows: 4, columns: 3 }],
    copyColumns: [floats(8), floats(10), { rows: 2, columns: 2, xColumns: 4, xFirst: 1, outColumns: 5, outFirst: 3 }],
    segmentSum: [floats(12), indices(4, 3), floats(9), { rows: 4, columns: 3, segments: 3 }],
    binary: [
      ...([floats(12), floats(12), floats(12)] as const),
      { operation: "sub", rows: 3, columns: 4, aMode: "full", bMode: "full" },
    ],
    unary: [floats(5), floats(5), { operation: "square" }],
    reduce: [floats(12), floats(4), { operation: "max", outer: 3, inner: 4, axis: "outer" }],
    adamw: [{ ...state(), gradient: floats(4) }, state(), rates],
    multiplyAddChain: [floats(5), { rounds: 3, factor: 0.5, addend: 0.25, precision: "float32" }],
    copy: [floats(5), floats(5)],
    kthNeighbours: [
      floats(24),
      { radii: new Float64Array(8), neighbours: new Int32Array(8) },
      { images: 2, dims: 3, samples: 4, k: 2 },
    ],
    treeNeighbours: [
      {
        ...{ points: Float64Array.of(0, 1, 3, 7), index: Int32Array.of(2, 0, 1, 3) },
        ...{ starts: Int32Array.of(0, 0, 0, 2), ends: Int32Array.of(0, 4, 2, 4) },
        boxes: Float64Array.of(0, 0, 0, 7, 0, 1, 3, 7),
      },
      lists(),
      { samples: 4, dims: 1, k: 2, norm: "euclidean" },
    ],
    boundedNeighbours: [
      { bounds: new Float32Array(12), values: doubles(8) },
      lists(),
      { row: 1, column: 0, height: 3, width: 4, samples: 4, dims: 2, k: 2, unit: 1, slack: 0, most: 1e30 },
    ],
    edgeGradient: [
      { x: floats(24), neighbours: indices(8, 4), weights: doubles(8) },
      floats(24),
      { images: 2, dims: 3, samples: 4 },
    ],
    sortKeys: [Float64Array.of(5, 1, 5, 0), { sorted: new Float64Array(4), order: new Int32Array(4) }],
    sortSites: [
      Int32Array.from([site(5), site(2), site(7)].flat()),
      { keys: new Float64Array(3), order: new Int32Array(3), faults: new Int32Array(2) },
      { ...line, margin: [1, 1, 1] },
    ],
    shiftedPairs: [
      { keys: Float64Array.of(2, 3, 5, 6), order: counting(4), shifts: Float64Array.of(-1, 0, 1) },
      { inputs: new Int32Array(12), outputs: new Int32Array(12), starts: new Int32Array(4) },
    ],
    windowPairs: [
      { coords: Int32Array.from([site(1), site(2), site(6)].flat()), order: counting(3) },
      {
        ...{ inputs: new Int32Array(3), outputs: new Int32Array(3), cells: new Int32Array(3) },
        ...{ cellCount: new Int32Array(1), starts: new Int32Array(3) },
      },
      { ...window, padding: [0, 0, 0], dilation: [1, 1, 1] },
    ],
    segmentMax: [
      floats(12),
      Int32Array.of(0, 3, 3, 4),
      { values: floats(9), winners: new Int32Array(9) },
      { rows: 4, columns: 3, segments: 3 },
    ],
    conv2dBiasRelu: [{ input: floats(pixels), filter: floats(filter), bias: floats(2) }, floats(results), { ...shape }],
  };
}

/** The arguments with other values in place of some: of every array or property for which `change` gives one. */
export function changed(value: unknown, change: (value: unknown, key: string) => unknown, key = ""): unknown {
  const other = change(value, key);
  if (other !== undefined) return other;
  if (Array.isArray(value)) return value.map((each) => changed(each, change));
  if (typeof value !== "object" || ArrayBuffer.isView(value) || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, changed(each, change, name)]));
}

/**
 * How much of some results has a meaning, given the arrays of a call by name: what lies behind the last pair and the last cell
 * has none, nor have the keys of sites of which one is outside of its grid.
 */
export function meaningfulLengths(arrays: Readonly<Record<string, ArrayLike<number>>>): Record<string, number> {
  const { starts, cellCount, faults } = arrays;
  const pairs = starts?.[starts.length - 1];
  return {
    ...(starts && { inputs: pairs, outputs: pairs }),
    ...(cellCount && { cells: cellCount[0] }),
    ...(faults && faults[0] >= 0 && { keys: 0, order: 0 }),
  };
}
