import { checkAtMost } from "../check-arguments.js";
import { type MappedGemmOptions, mappedGemmOperations, type PairMap } from "./mapped-gemm.js";
import { index, type OperationTable, reads, struct, writes } from "./operation.js";
import { type PrecisionOption, precisionOf, precisionSize } from "./precision.js";

/**
 * A 2D convolution: output pixel (y,x) under filter tap (ky,kx) reads input pixel
 * `(y·strideHeight - padTop + ky·dilationHeight, x·strideWidth - padLeft + kx·dilationWidth)`, zero outside the image.
 * Padding below and to the right follows from the output size.
 */
export interface Conv2dShape {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
}

/** A convolution and how its products are taken. */
export interface Conv2dOptions extends Conv2dShape, PrecisionOption {}

/** What {@link Conv2dOperations.conv2dBiasRelu} reads. */
export interface Conv2dBiasInputs {
  readonly input: Float32Array;
  readonly filter: Float32Array;
  /** [cout] */
  readonly bias: Float32Array;
}

export interface Conv2dOperations {
  /**
   * 2D convolution (cross-correlation) of NHWC `input` with `filter` [kh,kw,cin,cout]. The compiled layers compute a 3×3 one
   * of stride 1 with 16 or more channels by minimal filtering (Winograd; Lavin and Gray 2016), and its gradients too: as
   * accurate relative to the largest result; an infinity reaches its neighbours as NaN. In bfloat16 they round what such filtering
   * multiplies, which is sums of operands.
   */
  conv2d(input: Float32Array, filter: Float32Array, out: Float32Array, shape: Conv2dOptions): void;

  /** `out = relu(convolution + bias)` with a bias [cout], for inference: the sums of {@link conv2d} are never written down. */
  conv2dBiasRelu(inputs: Conv2dBiasInputs, out: Float32Array, shape: Conv2dOptions): void;

  /** Gradient of {@link conv2d} to its input; also the transposed convolution. */
  conv2dInputGradient(
    outGradient: Float32Array,
    filter: Float32Array,
    inputGradient: Float32Array,
    shape: Conv2dOptions,
  ): void;

  /** Gradient of {@link conv2d} to its filter. */
  conv2dFilterGradient(
    input: Float32Array,
    outGradient: Float32Array,
    filterGradient: Float32Array,
    shape: Conv2dOptions,
  ): void;
}

const sizes = {
  shape: struct("ConvolutionSizes", {
    ...{ batch: index(), inHeight: index(), inWidth: index(), inChannels: index() },
    ...{ outHeight: index(), outWidth: index(), outChannels: index() },
    ...{ filterHeight: index(1), filterWidth: index(1), strideHeight: index(1), strideWidth: index(1) },
    ...{ padTop: index(), padLeft: index(), dilationHeight: index(1), dilationWidth: index(1) },
  }),
  precision: precisionSize,
};

const sizesOf = (s: Conv2dOptions) => [
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
  precisionOf(s),
];

const inputShape = (s: Conv2dShape) => [s.batch, s.inHeight, s.inWidth, s.inChannels];
const filterShape = (s: Conv2dShape) => [s.filterHeight, s.filterWidth, s.inChannels, s.outChannels];
const outShape = (s: Conv2dShape) => [s.batch, s.outHeight, s.outWidth, s.outChannels];

export const conv2dOperations: OperationTable<Conv2dOperations> = {
  conv2d: {
    arrays: { input: reads("float32"), filter: reads("float32"), out: writes("float32") },
    sizes,
    arraysOf: (input, filter, out) => [input, filter, out],
    sizesOf: (_input, _filter, _out, shape) => sizesOf(shape),
    checkSizes: (where, _input, _filter, _out, shape) => checkReach(where, shape),
    shapesOf: (_input, _filter, _out, shape) => [inputShape(shape), filterShape(shape), outShape(shape)],
    plain(input, filter, out, shape) {
      if (isEmpty(shape)) out.fill(0);
      else mappedGemmOperations.mappedGemm.plain(input, filter, out, regularOptions(shape));
    },
  },

  conv2dBiasRelu: {
    arrays: { input: reads("float32"), filter: reads("float32"), bias: reads("float32"), out: writes("float32") },
    sizes,
    arraysOf: ({ input, filter, bias }, out) => [input, filter, bias, out],
    sizesOf: (_inputs, _out, shape) => sizesOf(shape),
    checkSizes: (where, _inputs, _out, shape) => checkReach(where, shape),
    shapesOf: (_inputs, _out, shape) => [inputShape(shape), filterShape(shape), [shape.outChannels], outShape(shape)],
    plain({ input, filter, bias }, out, shape) {
      conv2dOperations.conv2d.plain(input, filter, out, shape);
      for (let i = 0; i < out.length; i++) out[i] = Math.max(out[i] + bias[i % bias.length], 0);
    },
  },

  conv2dInputGradient: {
    arrays: { outGradient: reads("float32"), filter: reads("float32"), inputGradient: writes("float32") },
    sizes,
    arraysOf: (outGradient, filter, inputGradient) => [outGradient, filter, inputGradient],
    sizesOf: (_outGradient, _filter, _inputGradient, shape) => sizesOf(shape),
    checkSizes: (where, _outGradient, _filter, _inputGradient, shape) => checkReach(where, shape),
    shapesOf: (_outGradient, _filter, _inputGradient, shape) => [
      outShape(shape),
      filterShape(shape),
      inputShape(shape),
    ],
    plain(outGradient, filter, inputGradient, shape) {
      if (isEmpty(shape)) inputGradient.fill(0);
      else
        mappedGemmOperations.mappedGemmInputGradient.plain(outGradient, filter, inputGradient, regularOptions(shape));
    },
  },

  conv2dFilterGradient: {
    arrays: { input: reads("float32"), outGradient: reads("float32"), filterGradient: writes("float32") },
    sizes,
    arraysOf: (input, outGradient, filterGradient) => [input, outGradient, filterGradient],
    sizesOf: (_input, _outGradient, _filterGradient, shape) => sizesOf(shape),
    checkSizes: (where, _input, _outGradient, _filterGradient, shape) => checkReach(where, shape),
    shapesOf: (_input, _outGradient, _filterGradient, shape) => [
      inputShape(shape),
      outShape(shape),
      filterShape(shape),
    ],
    plain(input, outGradient, filterGradient, shape) {
      if (isEmpty(shape)) filterGradient.fill(0);
      else
        mappedGemmOperations.mappedGemmWeightGradient.plain(input, outGradient, filterGradient, regularOptions(shape));
    },
  },
};

/** Pixels along an axis that a filter may reach: what is added up on the way there fits an int32. */
const MOST_REACHED = 2 ** 30;

function checkReach(where: string, s: Conv2dShape): void {
  const rows = s.inHeight + s.outHeight * s.strideHeight + s.padTop + s.filterHeight * s.dilationHeight;
  const columns = s.inWidth + s.outWidth * s.strideWidth + s.padLeft + s.filterWidth * s.dilationWidth;
  checkAtMost(where, { "the reach of the filter": Math.max(rows, columns) }, MOST_REACHED);
}

/** Whether nothing is summed: all of a result that there is room for is 0. */
function isEmpty(s: Conv2dShape): boolean {
  const { batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = s;
  return [batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels].includes(0);
}

/** A convolution as the mapped product that it is. */
function regularOptions(shape: Conv2dOptions): MappedGemmOptions {
  return {
    precision: shape.precision,
    map: buildRegularMap(shape),
    inRows: shape.batch * shape.inHeight * shape.inWidth,
    outRows: shape.batch * shape.outHeight * shape.outWidth,
    cin: shape.inChannels,
    cout: shape.outChannels,
  };
}

/** For each filter tap the pairs of every output pixel whose input pixel lies in the image, in raster order. */
function buildRegularMap(shape: Conv2dShape): PairMap {
  const { batch, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth } = shape;
  const taps = filterHeight * filterWidth;
  const starts = new Int32Array(taps + 1);
  const inputs = new Int32Array(taps * batch * outHeight * outWidth);
  const outputs = new Int32Array(inputs.length);
  let count = 0;
  for (let tap = 0; tap < taps; tap++) {
    const offsetY = Math.floor(tap / filterWidth) * shape.dilationHeight - shape.padTop;
    const offsetX = (tap % filterWidth) * shape.dilationWidth - shape.padLeft;
    for (let image = 0; image < batch; image++) {
      for (let y = 0; y < outHeight; y++) {
        const inY = y * shape.strideHeight + offsetY;
        if (inY < 0 || inY >= inHeight) continue;
        for (let x = 0; x < outWidth; x++) {
          const inX = x * shape.strideWidth + offsetX;
          if (inX < 0 || inX >= inWidth) continue;
          inputs[count] = (image * inHeight + inY) * inWidth + inX;
          outputs[count] = (image * outHeight + y) * outWidth + x;
          count++;
        }
      }
    }
    starts[tap + 1] = count;
  }
  return { taps, starts, inputs, outputs };
}
