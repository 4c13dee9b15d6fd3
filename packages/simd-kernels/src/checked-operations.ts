import {
  checkApart,
  checkAtMost,
  checkChoice,
  checkDoubles,
  checkFloats,
  checkIndices,
  checkIntegers,
  checkSameOrApart,
  checkSizes,
  type FindOutside,
} from "./check-arguments.js";
import { checkedRulebookOperations } from "./checked-rulebook-operations.js";
import type { BroadcastMode, Conv2dShape, MappedGemmOptions } from "./operation-options.js";
import type { Operations } from "./operations.js";

/** Most nodes of a k-d tree: a search keeps one per level. */
const MOST_NODES = 2 ** 30;

const binaryNames = ["add", "sub", "mul", "div", "max", "min", "squaredDifference"];
const unaryNames = ["relu", "neg", "abs", "square", "sqrt", "rsqrt", "reciprocal", "step"];
const reduceNames = ["sum", "mean", "max", "min"];
const modeNames = ["full", "row", "column", "scalar"];

function checkMap(where: string, { map, inRows, outRows, cin, cout }: MappedGemmOptions, find: FindOutside): void {
  checkSizes(where, { taps: map.taps, inRows, outRows, cin, cout });
  checkIntegers(where, "map.starts", map.starts, [map.taps + 1]);
  checkIntegers(where, "map.inputs", map.inputs);
  checkIntegers(where, "map.outputs", map.outputs, [map.inputs.length]);
  let previous = 0;
  for (let t = 0; t <= map.taps; t++) {
    const start = map.starts[t];
    if (start < previous || (t === 0 && start !== 0)) {
      throw new RangeError(`${where}: expected ascending starts from 0 for map.starts, got ${start} at ${t}`);
    }
    previous = start;
  }
  if (previous !== map.inputs.length) {
    throw new RangeError(`${where}: expected ${map.inputs.length} for the last of map.starts, got ${previous}`);
  }
  checkIndices(where, "map.inputs", map.inputs, [0, inRows], find);
  checkIndices(where, "map.outputs", map.outputs, [0, outRows], find);
}

function checkConvolution(
  where: string,
  s: Conv2dShape,
  { input, filter, out }: { input: Float32Array; filter: Float32Array; out: Float32Array },
): void {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth } = s;
  const { strideHeight, strideWidth, padTop, padLeft, dilationHeight, dilationWidth } = s;
  checkSizes(where, { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padTop, padLeft });
  checkSizes(where, { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth }, 1);
  checkFloats(where, "the input", input, [batch, inHeight, inWidth, inChannels]);
  checkFloats(where, "the filter", filter, [filterHeight, filterWidth, inChannels, outChannels]);
  checkFloats(where, "the output", out, [batch, outHeight, outWidth, outChannels]);
}

const modeShape = (mode: BroadcastMode, rows: number, columns: number): number[] =>
  mode === "full" ? [rows, columns] : mode === "row" ? [columns] : mode === "column" ? [rows] : [1];

/** `layer` behind the checks of every argument: the only place where sizes and indices are judged. */
export function checkedOperations(layer: Operations, find: FindOutside): Operations {
  return {
    ...checkedRulebookOperations(layer, find),

    gemm(a, b, out, options) {
      const { m, n, k, transposeA, transposeB } = options;
      checkSizes("gemm", { m, n, k });
      checkFloats("gemm", "a", a, transposeA ? [k, m] : [m, k]);
      checkFloats("gemm", "b", b, transposeB ? [n, k] : [k, n]);
      checkFloats("gemm", "out", out, [m, n]);
      checkApart("gemm", out, a, b);
      layer.gemm(a, b, out, options);
    },

    mappedGemm(input, weights, out, options) {
      const { map, inRows, outRows, cin, cout } = options;
      checkMap("mappedGemm", options, find);
      checkFloats("mappedGemm", "input", input, [inRows, cin]);
      checkFloats("mappedGemm", "weights", weights, [map.taps, cin, cout]);
      checkFloats("mappedGemm", "out", out, [outRows, cout]);
      checkApart("mappedGemm", out, input, weights);
      layer.mappedGemm(input, weights, out, options);
    },

    mappedGemmInputGradient(outGradient, weights, inputGradient, options) {
      const { map, inRows, outRows, cin, cout } = options;
      checkMap("mappedGemmInputGradient", options, find);
      checkFloats("mappedGemmInputGradient", "outGradient", outGradient, [outRows, cout]);
      checkFloats("mappedGemmInputGradient", "weights", weights, [map.taps, cin, cout]);
      checkFloats("mappedGemmInputGradient", "inputGradient", inputGradient, [inRows, cin]);
      checkApart("mappedGemmInputGradient", inputGradient, outGradient, weights);
      layer.mappedGemmInputGradient(outGradient, weights, inputGradient, options);
    },

    mappedGemmWeightGradient(input, outGradient, weightGradient, options) {
      const { map, inRows, outRows, cin, cout } = options;
      checkMap("mappedGemmWeightGradient", options, find);
      checkFloats("mappedGemmWeightGradient", "input", input, [inRows, cin]);
      checkFloats("mappedGemmWeightGradient", "outGradient", outGradient, [outRows, cout]);
      checkFloats("mappedGemmWeightGradient", "weightGradient", weightGradient, [map.taps, cin, cout]);
      checkApart("mappedGemmWeightGradient", weightGradient, input, outGradient);
      layer.mappedGemmWeightGradient(input, outGradient, weightGradient, options);
    },

    conv2d(input, filter, out, shape) {
      checkConvolution("conv2d", shape, { input, filter, out });
      checkApart("conv2d", out, input, filter);
      layer.conv2d(input, filter, out, shape);
    },

    conv2dInputGradient(outGradient, filter, inputGradient, shape) {
      checkConvolution("conv2dInputGradient", shape, { input: inputGradient, filter, out: outGradient });
      checkApart("conv2dInputGradient", inputGradient, outGradient, filter);
      layer.conv2dInputGradient(outGradient, filter, inputGradient, shape);
    },

    conv2dFilterGradient(input, outGradient, filterGradient, shape) {
      checkConvolution("conv2dFilterGradient", shape, { input, filter: filterGradient, out: outGradient });
      checkApart("conv2dFilterGradient", filterGradient, input, outGradient);
      layer.conv2dFilterGradient(input, outGradient, filterGradient, shape);
    },

    rowPairDistances(x, out, options) {
      const { rows, dims } = options;
      checkSizes("rowPairDistances", { rows, dims });
      checkFloats("rowPairDistances", "x", x, [rows, dims]);
      checkFloats("rowPairDistances", "out", out, [rows, rows]);
      checkApart("rowPairDistances", out, x);
      layer.rowPairDistances(x, out, options);
    },

    batchNormReluForward(inputs, outputs, options) {
      const { x, gamma, beta } = inputs;
      const { out, mean, variance } = outputs;
      const { rows, channels } = options;
      const where = "batchNormReluForward";
      checkSizes(where, { rows, channels });
      checkFloats(where, "x", x, [rows, channels]);
      checkFloats(where, "gamma", gamma, [channels]);
      checkFloats(where, "beta", beta, [channels]);
      checkFloats(where, "out", out, [rows, channels]);
      checkFloats(where, "mean", mean, [channels]);
      checkFloats(where, "variance", variance, [channels]);
      checkApart(where, mean, x, gamma, beta, out, variance);
      checkApart(where, variance, x, gamma, beta, out);
      checkApart(where, out, x, gamma, beta);
      layer.batchNormReluForward(inputs, outputs, options);
    },

    batchNormReluBackward(inputs, outputs, options) {
      const { x, outGradient, gamma, beta, mean, variance } = inputs;
      const { inputGradient, gammaGradient, betaGradient } = outputs;
      const { rows, channels } = options;
      const where = "batchNormReluBackward";
      checkSizes(where, { rows, channels });
      checkFloats(where, "x", x, [rows, channels]);
      checkFloats(where, "outGradient", outGradient, [rows, channels]);
      checkFloats(where, "gamma", gamma, [channels]);
      checkFloats(where, "beta", beta, [channels]);
      checkFloats(where, "mean", mean, [channels]);
      checkFloats(where, "variance", variance, [channels]);
      checkFloats(where, "inputGradient", inputGradient, [rows, channels]);
      checkFloats(where, "gammaGradient", gammaGradient, [channels]);
      checkFloats(where, "betaGradient", betaGradient, [channels]);
      const others = [x, gamma, beta, mean, variance];
      checkApart(where, inputGradient, ...others);
      checkApart(where, gammaGradient, ...others, outGradient, inputGradient, betaGradient);
      checkApart(where, betaGradient, ...others, outGradient, inputGradient);
      checkSameOrApart(where, inputGradient, outGradient);
      layer.batchNormReluBackward(inputs, outputs, options);
    },

    scaleShiftRelu(inputs, out, options) {
      const { x, scale, shift } = inputs;
      const { rows, channels } = options;
      checkSizes("scaleShiftRelu", { rows, channels });
      checkFloats("scaleShiftRelu", "x", x, [rows, channels]);
      checkFloats("scaleShiftRelu", "scale", scale, [channels]);
      checkFloats("scaleShiftRelu", "shift", shift, [channels]);
      checkFloats("scaleShiftRelu", "out", out, [rows, channels]);
      checkApart("scaleShiftRelu", out, scale, shift);
      checkSameOrApart("scaleShiftRelu", out, x);
      layer.scaleShiftRelu(inputs, out, options);
    },

    gatherRows(x, indices, out, options) {
      const { rows, columns } = options;
      checkSizes("gatherRows", { rows, columns });
      checkFloats("gatherRows", "x", x, [rows, columns]);
      checkIntegers("gatherRows", "indices", indices);
      checkFloats("gatherRows", "out", out, [indices.length, columns]);
      checkIndices("gatherRows", "indices", indices, [-1, rows], find);
      checkApart("gatherRows", out, x);
      layer.gatherRows(x, indices, out, options);
    },

    copyColumns(x, out, options) {
      const { rows, columns, xColumns, xFirst, outColumns, outFirst } = options;
      checkSizes("copyColumns", { rows, columns, xColumns, xFirst, outColumns, outFirst });
      checkAtMost("copyColumns", { "xFirst + columns": xFirst + columns }, xColumns);
      checkAtMost("copyColumns", { "outFirst + columns": outFirst + columns }, outColumns);
      checkFloats("copyColumns", "x", x, [rows, xColumns]);
      checkFloats("copyColumns", "out", out, [rows, outColumns]);
      checkApart("copyColumns", out, x);
      layer.copyColumns(x, out, options);
    },

    segmentSum(x, segmentIds, out, options) {
      const { rows, columns, segments } = options;
      checkSizes("segmentSum", { rows, columns, segments });
      checkFloats("segmentSum", "x", x, [rows, columns]);
      checkIntegers("segmentSum", "segmentIds", segmentIds, [rows]);
      checkFloats("segmentSum", "out", out, [segments, columns]);
      checkIndices("segmentSum", "segmentIds", segmentIds, [-0x80000000, segments], find);
      checkApart("segmentSum", out, x);
      layer.segmentSum(x, segmentIds, out, options);
    },

    binary(operation, a, b, out, options) {
      const { rows, columns, aMode, bMode } = options;
      checkChoice("binary", "operation", operation, binaryNames);
      checkChoice("binary", "aMode", aMode, modeNames);
      checkChoice("binary", "bMode", bMode, modeNames);
      checkSizes("binary", { rows, columns });
      checkFloats("binary", "a", a, modeShape(aMode, rows, columns));
      checkFloats("binary", "b", b, modeShape(bMode, rows, columns));
      checkFloats("binary", "out", out, [rows, columns]);
      (aMode === "full" ? checkSameOrApart : checkApart)("binary", out, a);
      (bMode === "full" ? checkSameOrApart : checkApart)("binary", out, b);
      layer.binary(operation, a, b, out, options);
    },

    unary(operation, x, out) {
      checkChoice("unary", "operation", operation, unaryNames);
      checkFloats("unary", "x", x, [x.length]);
      checkFloats("unary", "out", out, [x.length]);
      checkSameOrApart("unary", out, x);
      layer.unary(operation, x, out);
    },

    reduce(operation, x, out, options) {
      const { outer, inner, axis } = options;
      checkChoice("reduce", "operation", operation, reduceNames);
      checkChoice("reduce", "axis", axis, ["inner", "outer"]);
      checkSizes("reduce", { outer, inner });
      checkFloats("reduce", "x", x, [outer, inner]);
      checkFloats("reduce", "out", out, [axis === "inner" ? outer : inner]);
      checkApart("reduce", out, x);
      layer.reduce(operation, x, out, options);
    },

    adamw(inputs, outputs, options) {
      const { gradient } = inputs;
      const length = inputs.parameters.length;
      checkSizes("adamw", { step: options.step }, 1);
      checkFloats("adamw", "gradient", gradient, [length]);
      const names = ["parameters", "firstMoment", "secondMoment"] as const;
      for (const name of names) checkFloats("adamw", name, inputs[name], [length]);
      for (const name of names) checkFloats("adamw", name, outputs[name], [length]);
      for (const name of names) {
        checkApart("adamw", outputs[name], gradient);
        checkSameOrApart("adamw", outputs[name], inputs[name]);
        for (const other of names)
          if (other !== name) checkApart("adamw", outputs[name], inputs[other], outputs[other]);
      }
      layer.adamw(inputs, outputs, options);
    },

    multiplyAddChain(values, options) {
      checkSizes("multiplyAddChain", { rounds: options.rounds });
      checkFloats("multiplyAddChain", "values", values, [values.length]);
      layer.multiplyAddChain(values, options);
    },

    copy(x, out) {
      checkFloats("copy", "x", x, [x.length]);
      checkFloats("copy", "out", out, [x.length]);
      checkApart("copy", out, x);
      layer.copy(x, out);
    },

    kthNeighbours(x, radii, neighbours, options) {
      const { images, dims, samples, k } = options;
      const where = "kthNeighbours";
      checkSizes(where, { images, dims });
      checkSizes(where, { samples }, 2);
      checkSizes(where, { k }, 1);
      if (k >= samples) throw new RangeError(`${where}: expected an integer below ${samples} samples for k, got ${k}`);
      const check = x?.BYTES_PER_ELEMENT === 8 ? checkDoubles : checkFloats;
      check(where, "x", x as Float32Array & Float64Array, [images, dims, samples]);
      checkDoubles(where, "radii", radii, [images, samples]);
      checkIntegers(where, "neighbours", neighbours, [images, samples]);
      checkApart(where, radii, x, neighbours);
      checkApart(where, neighbours, x);
      layer.kthNeighbours(x, radii, neighbours, options);
    },

    treeNeighbours(tree, distances, indices, options) {
      const { points, index, starts, ends, boxes } = tree;
      const { samples, dims, k, norm } = options;
      const where = "treeNeighbours";
      checkSizes(where, { samples });
      checkSizes(where, { dims, k }, 1);
      checkChoice(where, "norm", norm, ["euclidean", "max"]);
      checkIntegers(where, "index", index);
      checkIntegers(where, "starts", starts);
      const nodes = starts.length;
      if (nodes < 2 || nodes > MOST_NODES || !Number.isInteger(Math.log2(nodes))) {
        throw new RangeError(`${where}: expected a power of two from 2 on for the length of starts, got ${nodes}`);
      }
      checkDoubles(where, "points", points, [index.length, dims]);
      checkIntegers(where, "ends", ends, [nodes]);
      checkDoubles(where, "boxes", boxes, [nodes, 2, dims]);
      checkDoubles(where, "distances", distances, [samples, k]);
      checkIntegers(where, "indices", indices, [samples, k]);
      checkIndices(where, "index", index, [0, samples], find);
      checkIndices(where, "starts", starts, [0, index.length + 1], find);
      checkIndices(where, "ends", ends, [0, index.length + 1], find);
      checkApart(where, distances, points, boxes, indices);
      checkApart(where, indices, index, starts, ends);
      layer.treeNeighbours(tree, distances, indices, options);
    },

    boundedNeighbours(bounds, values, distances, indices, options) {
      const { row, column, height, width, samples, dims, k } = options;
      const where = "boundedNeighbours";
      checkSizes(where, { row, column, height, width, samples, dims });
      checkSizes(where, { k }, 1);
      checkFloats(where, "bounds", bounds, [height, width]);
      checkDoubles(where, "values", values, [samples, dims]);
      checkDoubles(where, "distances", distances, [samples, k]);
      checkIntegers(where, "indices", indices, [samples, k]);
      checkApart(where, distances, bounds, values, indices);
      checkApart(where, indices, bounds, values);
      layer.boundedNeighbours(bounds, values, distances, indices, options);
    },

    edgeGradient(x, neighbours, weights, out, options) {
      const { images, dims, samples } = options;
      checkSizes("edgeGradient", { images, dims, samples });
      checkFloats("edgeGradient", "x", x, [images, dims, samples]);
      checkIntegers("edgeGradient", "neighbours", neighbours, [images, samples]);
      checkDoubles("edgeGradient", "weights", weights, [images, samples]);
      checkFloats("edgeGradient", "out", out, [images, dims, samples]);
      checkIndices("edgeGradient", "neighbours", neighbours, [-1, samples], find);
      checkApart("edgeGradient", out, x, neighbours, weights);
      layer.edgeGradient(x, neighbours, weights, out, options);
    },
  };
}
