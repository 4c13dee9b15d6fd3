import type {
  BinaryOperation,
  BroadcastMode,
  Conv2dShape,
  MappedGemmOptions,
  ReduceOperation,
  UnaryOperation,
} from "../operation-options.js";
import type { Operations } from "../operations.js";

/** Codes of `enum Operation` in native/core.h, which also lists what each expects. */
export const operationCodes = {
  gemm: 0,
  mappedGemm: 1,
  mappedGemmInputGradient: 2,
  mappedGemmWeightGradient: 3,
  conv2d: 4,
  conv2dInputGradient: 5,
  conv2dFilterGradient: 6,
  rowPairDistances: 7,
  batchNormReluForward: 8,
  batchNormReluBackward: 9,
  scaleShiftRelu: 10,
  gatherRows: 11,
  segmentSum: 12,
  binary: 13,
  unary: 14,
  reduce: 15,
  adamw: 16,
  findOutside: 17,
  multiplyAddChain: 18,
  copy: 19,
  kthNeighbours: 20,
  edgeGradient: 21,
  copyColumns: 22,
  sortSites: 23,
  sortKeys: 25,
  shiftedPairs: 26,
  windowPairs: 27,
  treeNeighbours: 28,
  boundedNeighbours: 29,
} as const;

/** The most sizes that an operation has. */
export const mostSizes = 20;

const binaryCodes: Record<BinaryOperation, number> = {
  add: 0,
  sub: 1,
  mul: 2,
  div: 3,
  max: 4,
  min: 5,
  squaredDifference: 6,
};
const unaryCodes: Record<UnaryOperation, number> = {
  relu: 0,
  neg: 1,
  abs: 2,
  square: 3,
  sqrt: 4,
  rsqrt: 5,
  reciprocal: 6,
  step: 7,
};
const reduceCodes: Record<ReduceOperation, number> = { sum: 0, mean: 1, max: 2, min: 3 };
const modeCodes: Record<BroadcastMode, number> = { full: 0, row: 1, column: 2, scalar: 3 };

/** An array that a compiled kernel reads or writes. */
export type KernelArray = Float32Array | Int32Array | Float64Array;

/**
 * Runs one compiled kernel. The kernel gets the data of `inputs`, then of `outputs`.
 * @param updates the kernel also reads what the outputs hold
 * @throws Error when it runs out of memory
 */
export type Invoke = (
  operation: number,
  sizes: readonly number[],
  inputs: readonly KernelArray[],
  outputs: readonly KernelArray[],
  updates?: boolean,
) => void;

/** Turns the status that a kernel returns into an error (native/core.h). */
export function checkStatus(status: number, operation: number): void {
  if (status === 1) throw new Error(`kernel ${operation}: out of memory for the working space`);
  if (status !== 0) throw new Error(`internal: kernel ${operation} returned ${status}`);
}

const mapSizes = ({ map, inRows, outRows, cin, cout }: MappedGemmOptions): number[] => [
  map.taps,
  map.inputs.length,
  inRows,
  outRows,
  cin,
  cout,
];

const shapeSizes = (s: Conv2dShape): number[] => [
  s.batch,
  s.inHeight,
  s.inWidth,
  s.inChannels,
  s.outHeight,
  s.outWidth,
  s.outChannels,
  s.filterHeight,
  s.filterWidth,
  s.strideHeight,
  s.strideWidth,
  s.padTop,
  s.padLeft,
  s.dilationHeight,
  s.dilationWidth,
];

/** The operations over one way to run compiled kernels: what the native and the WebAssembly layer share. */
export function compiledLayer(invoke: Invoke): Operations {
  const code = operationCodes;
  return {
    gemm(a, b, out, { m, n, k, transposeA, transposeB, accumulate }) {
      const sizes = [m, n, k, transposeA ? 1 : 0, transposeB ? 1 : 0, accumulate ? 1 : 0];
      invoke(code.gemm, sizes, [a, b], [out], accumulate);
    },
    mappedGemm(input, weights, out, options) {
      const { starts, inputs, outputs } = options.map;
      invoke(code.mappedGemm, mapSizes(options), [input, weights, starts, inputs, outputs], [out]);
    },
    mappedGemmInputGradient(outGradient, weights, inputGradient, options) {
      const { starts, inputs, outputs } = options.map;
      const arrays = [outGradient, weights, starts, inputs, outputs];
      invoke(code.mappedGemmInputGradient, mapSizes(options), arrays, [inputGradient]);
    },
    mappedGemmWeightGradient(input, outGradient, weightGradient, options) {
      const { starts, inputs, outputs } = options.map;
      const arrays = [input, outGradient, starts, inputs, outputs];
      invoke(code.mappedGemmWeightGradient, mapSizes(options), arrays, [weightGradient]);
    },
    conv2d(input, filter, out, shape) {
      invoke(code.conv2d, shapeSizes(shape), [input, filter], [out]);
    },
    conv2dInputGradient(outGradient, filter, inputGradient, shape) {
      invoke(code.conv2dInputGradient, shapeSizes(shape), [outGradient, filter], [inputGradient]);
    },
    conv2dFilterGradient(input, outGradient, filterGradient, shape) {
      invoke(code.conv2dFilterGradient, shapeSizes(shape), [input, outGradient], [filterGradient]);
    },
    rowPairDistances(x, out, { rows, dims }) {
      invoke(code.rowPairDistances, [rows, dims], [x], [out]);
    },
    batchNormReluForward({ x, gamma, beta }, { out, mean, variance }, { rows, channels, epsilon, relu }) {
      const sizes = [rows, channels, epsilon, relu ? 1 : 0];
      invoke(code.batchNormReluForward, sizes, [x, gamma, beta], [out, mean, variance]);
    },
    batchNormReluBackward({ x, outGradient, gamma, beta, mean, variance }, outputs, options) {
      const { inputGradient, gammaGradient, betaGradient } = outputs;
      const { rows, channels, epsilon, relu } = options;
      const sizes = [rows, channels, epsilon, relu ? 1 : 0];
      const inputs = [x, outGradient, gamma, beta, mean, variance];
      invoke(code.batchNormReluBackward, sizes, inputs, [inputGradient, gammaGradient, betaGradient]);
    },
    scaleShiftRelu({ x, scale, shift }, out, { rows, channels, relu }) {
      invoke(code.scaleShiftRelu, [rows, channels, relu ? 1 : 0], [x, scale, shift], [out]);
    },
    copyColumns(x, out, { rows, columns, xColumns, xFirst, outColumns, outFirst }) {
      invoke(code.copyColumns, [rows, columns, xColumns, xFirst, outColumns, outFirst], [x], [out]);
    },

    gatherRows(x, indices, out, { rows, columns }) {
      invoke(code.gatherRows, [rows, columns, indices.length], [x, indices], [out]);
    },
    segmentSum(x, segmentIds, out, { rows, columns, segments }) {
      invoke(code.segmentSum, [rows, columns, segments], [x, segmentIds], [out]);
    },
    binary(operation, a, b, out, { rows, columns, aMode, bMode }) {
      const sizes = [binaryCodes[operation], rows, columns, modeCodes[aMode], modeCodes[bMode]];
      invoke(code.binary, sizes, [a, b], [out]);
    },
    unary(operation, x, out) {
      invoke(code.unary, [unaryCodes[operation], x.length], [x], [out]);
    },
    reduce(operation, x, out, { outer, inner, axis }) {
      invoke(code.reduce, [reduceCodes[operation], outer, inner, axis === "inner" ? 0 : 1], [x], [out]);
    },
    adamw({ parameters, gradient, firstMoment, secondMoment }, outputs, options) {
      const { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale = 1 } = options;
      const rate = learningRate / (1 - beta1 ** step);
      const correction = 1 / Math.sqrt(1 - beta2 ** step);
      const keep = 1 - learningRate * weightDecay;
      const sizes = [parameters.length, keep, rate, beta1, beta2, correction, epsilon, gradientScale];
      const moved = [outputs.parameters, outputs.firstMoment, outputs.secondMoment];
      invoke(code.adamw, sizes, [parameters, gradient, firstMoment, secondMoment], moved);
    },
    multiplyAddChain(values, { rounds, factor, addend }) {
      invoke(code.multiplyAddChain, [values.length, rounds, factor, addend], [], [values], true);
    },
    copy(x, out) {
      invoke(code.copy, [x.length], [x], [out]);
    },
    kthNeighbours(x, radii, neighbours, { images, dims, samples, k }) {
      const sizes = [images, dims, samples, k, x.BYTES_PER_ELEMENT === 8 ? 1 : 0];
      invoke(code.kthNeighbours, sizes, [x], [radii, neighbours]);
    },
    treeNeighbours({ points, index, starts, ends, boxes }, distances, indices, { samples, dims, k, norm }) {
      const sizes = [samples, index.length, dims, starts.length / 2, k, norm === "max" ? 1 : 0];
      invoke(code.treeNeighbours, sizes, [points, index, starts, ends, boxes], [distances, indices]);
    },
    boundedNeighbours(bounds, values, distances, indices, options) {
      const { row, column, height, width, samples, dims, k, unit, slack, most } = options;
      const sizes = [row, column, height, width, samples, dims, k, unit, slack, most];
      invoke(code.boundedNeighbours, sizes, [bounds, values], [distances, indices], true);
    },
    edgeGradient(x, neighbours, weights, out, { images, dims, samples }) {
      invoke(code.edgeGradient, [images, dims, samples], [x, neighbours, weights], [out]);
    },
    sortKeys(keys, sorted, order) {
      invoke(code.sortKeys, [keys.length], [keys], [sorted, order]);
    },
    sortSites(coords, { batchSize, shape, margin }, { keys, order, faults }) {
      invoke(code.sortSites, [keys.length, batchSize, ...shape, ...margin], [coords], [keys, order, faults]);
    },
    shiftedPairs(keys, order, shifts, { inputs, outputs, starts }) {
      invoke(code.shiftedPairs, [keys.length, shifts.length], [keys, order, shifts], [inputs, outputs, starts]);
    },
    windowPairs(coords, order, window, { inputs, outputs, cells, cellCount, starts }) {
      const { batchSize, shape, outputShape, kernel, stride, padding, dilation } = window;
      const sizes = [order.length, batchSize, shape, outputShape, kernel, stride, padding, dilation].flat();
      invoke(code.windowPairs, sizes, [coords, order], [inputs, outputs, cells, cellCount, starts]);
    },
  };
}
