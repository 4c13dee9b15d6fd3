import { checkIndices, checkStarts } from "../check-arguments.js";
import { addRowTimesMatrix, transposed } from "./add-product.js";
import { type ContentCheck, count, index, type OperationTable, reads, writes } from "./operation.js";
import { operandOf, type PrecisionOption, precisionOf, precisionSize } from "./precision.js";

/**
 * Which input row meets which output row under which tap (kernel offset) of a sparse convolution: pairs
 * `starts[t] .. starts[t+1]` belong to tap t. Pairs of a tap may come in any order and repeat.
 */
export interface PairMap {
  /** number of kernel offsets */
  readonly taps: number;
  /** [taps+1] ascending, first 0, last = number of pairs */
  readonly starts: Int32Array;
  /** [pairs] row of the input, 0 .. inRows-1 */
  readonly inputs: Int32Array;
  /** [pairs] row of the output, 0 .. outRows-1 */
  readonly outputs: Int32Array;
}

/** Sizes of a product whose rows are addressed through a {@link PairMap}. */
export interface MappedGemmOptions extends PrecisionOption {
  readonly map: PairMap;
  readonly inRows: number;
  readonly outRows: number;
  /** channels of an input row */
  readonly cin: number;
  /** channels of an output row */
  readonly cout: number;
}

export interface MappedGemmOperations {
  /** Sparse convolution: `out[o] = Σ over taps t and pairs (i,o) of t: input[i] · weights[t]`; weights [taps,cin,cout]. */
  mappedGemm(input: Float32Array, weights: Float32Array, out: Float32Array, options: MappedGemmOptions): void;

  /** Gradient of {@link mappedGemm} to its input: `inputGradient[i] = Σ outGradient[o] · weights[t]ᵀ`. */
  mappedGemmInputGradient(
    outGradient: Float32Array,
    weights: Float32Array,
    inputGradient: Float32Array,
    options: MappedGemmOptions,
  ): void;

  /** Gradient of {@link mappedGemm} to its weights: `weightGradient[t] = Σ input[i]ᵀ · outGradient[o]`. */
  mappedGemmWeightGradient(
    input: Float32Array,
    outGradient: Float32Array,
    weightGradient: Float32Array,
    options: MappedGemmOptions,
  ): void;
}

const mapArrays = { "map.starts": reads("int32"), "map.inputs": reads("int32"), "map.outputs": reads("int32") };
const mapSizes = {
  ...{ taps: index(), pairs: count, inRows: index(), outRows: index() },
  ...{ cin: index(), cout: index(), precision: precisionSize },
};
const sizesOf = (options: MappedGemmOptions) => [
  options.map.taps,
  options.map.inputs.length,
  options.inRows,
  options.outRows,
  options.cin,
  options.cout,
  precisionOf(options),
];

const startsShape = ({ map }: MappedGemmOptions) => [map.taps + 1];
const outputsShape = ({ map }: MappedGemmOptions) => [map.inputs.length];
const weightsShape = ({ map, cin, cout }: MappedGemmOptions) => [map.taps, cin, cout];

function checkMap({ where, find }: ContentCheck, { map, inRows, outRows }: MappedGemmOptions): void {
  checkStarts(where, "map.starts", map.starts, map.inputs.length);
  checkIndices(where, "map.inputs", map.inputs, [0, inRows], find);
  checkIndices(where, "map.outputs", map.outputs, [0, outRows], find);
}

/** All three walk over the pairs tap by tap. */
export const mappedGemmOperations: OperationTable<MappedGemmOperations> = {
  mappedGemm: {
    arrays: { input: reads("float32"), weights: reads("float32"), ...mapArrays, out: writes("float32") },
    sizes: mapSizes,
    arraysOf: (input, weights, out, { map }) => [input, weights, map.starts, map.inputs, map.outputs, out],
    sizesOf: (_input, _weights, _out, options) => sizesOf(options),
    shapesOf: (_input, _weights, _out, options) => [
      [options.inRows, options.cin],
      weightsShape(options),
      startsShape(options),
      null,
      outputsShape(options),
      [options.outRows, options.cout],
    ],
    checkContents: (check, _input, _weights, _out, options) => checkMap(check, options),
    plain(input, weights, out, options) {
      const { map, cin, cout } = options;
      const [row, matrix] = [operandOf(input, options), operandOf(weights, options)];
      out.fill(0);
      for (let tap = 0; tap < map.taps; tap++) {
        for (let p = map.starts[tap]; p < map.starts[tap + 1]; p++) {
          addRowTimesMatrix({
            ...{ row, rowAt: map.inputs[p] * cin },
            ...{ matrix, matrixAt: tap * cin * cout },
            ...{ out, outAt: map.outputs[p] * cout },
            ...{ k: cin, n: cout },
          });
        }
      }
    },
  },

  mappedGemmInputGradient: {
    arrays: {
      outGradient: reads("float32"),
      weights: reads("float32"),
      ...mapArrays,
      inputGradient: writes("float32"),
    },
    sizes: mapSizes,
    arraysOf: (outGradient, weights, inputGradient, { map }) => [
      outGradient,
      weights,
      map.starts,
      map.inputs,
      map.outputs,
      inputGradient,
    ],
    sizesOf: (_outGradient, _weights, _inputGradient, options) => sizesOf(options),
    shapesOf: (_outGradient, _weights, _inputGradient, options) => [
      [options.outRows, options.cout],
      weightsShape(options),
      startsShape(options),
      null,
      outputsShape(options),
      [options.inRows, options.cin],
    ],
    checkContents: (check, _outGradient, _weights, _inputGradient, options) => checkMap(check, options),
    /** Each tap is transposed once. */
    plain(outGradient, weights, inputGradient, options) {
      const { map, cin, cout } = options;
      const [row, matrices] = [operandOf(outGradient, options), operandOf(weights, options)];
      inputGradient.fill(0);
      for (let tap = 0; tap < map.taps; tap++) {
        if (map.starts[tap] === map.starts[tap + 1]) continue;
        const matrix = transposed(matrices, tap * cin * cout, cin, cout); // [cout,cin]
        for (let p = map.starts[tap]; p < map.starts[tap + 1]; p++) {
          addRowTimesMatrix({
            ...{ row, rowAt: map.outputs[p] * cout },
            ...{ matrix, matrixAt: 0 },
            ...{ out: inputGradient, outAt: map.inputs[p] * cin },
            ...{ k: cout, n: cin },
          });
        }
      }
    },
  },

  mappedGemmWeightGradient: {
    arrays: { input: reads("float32"), outGradient: reads("float32"), ...mapArrays, weightGradient: writes("float32") },
    sizes: mapSizes,
    arraysOf: (input, outGradient, weightGradient, { map }) => [
      input,
      outGradient,
      map.starts,
      map.inputs,
      map.outputs,
      weightGradient,
    ],
    sizesOf: (_input, _outGradient, _weightGradient, options) => sizesOf(options),
    shapesOf: (_input, _outGradient, _weightGradient, options) => [
      [options.inRows, options.cin],
      [options.outRows, options.cout],
      startsShape(options),
      null,
      outputsShape(options),
      weightsShape(options),
    ],
    checkContents: (check, _input, _outGradient, _weightGradient, options) => checkMap(check, options),
    /** A sum of outer products per tap, four pairs at a time. */
    plain(rows, gradients, weightGradient, options) {
      const { map, cin, cout } = options;
      const [input, outGradient] = [operandOf(rows, options), operandOf(gradients, options)];
      weightGradient.fill(0);
      const { starts, inputs, outputs } = map;
      for (let tap = 0; tap < map.taps; tap++) {
        const base = tap * cin * cout;
        const end = starts[tap + 1];
        let p = starts[tap];
        for (; p + 4 <= end; p += 4) {
          const i0 = inputs[p] * cin;
          const i1 = inputs[p + 1] * cin;
          const i2 = inputs[p + 2] * cin;
          const i3 = inputs[p + 3] * cin;
          const o0 = outputs[p] * cout;
          const o1 = outputs[p + 1] * cout;
          const o2 = outputs[p + 2] * cout;
          const o3 = outputs[p + 3] * cout;
          for (let c = 0; c < cin; c++) {
            const x0 = input[i0 + c];
            const x1 = input[i1 + c];
            const x2 = input[i2 + c];
            const x3 = input[i3 + c];
            const row = base + c * cout;
            for (let j = 0; j < cout; j++) {
              weightGradient[row + j] +=
                x0 * outGradient[o0 + j] +
                x1 * outGradient[o1 + j] +
                x2 * outGradient[o2 + j] +
                x3 * outGradient[o3 + j];
            }
          }
        }
        for (; p < end; p++) {
          for (let c = 0; c < cin; c++) {
            const x = input[inputs[p] * cin + c];
            const row = base + c * cout;
            const o = outputs[p] * cout;
            for (let j = 0; j < cout; j++) weightGradient[row + j] += x * outGradient[o + j];
          }
        }
      }
    },
  },
};
