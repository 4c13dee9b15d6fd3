import { kernels, type PairMap } from "simd-kernels";
import type { FastKernels, KernelCall } from "../fast-kernel.js";
import { dataOf, float32Of } from "../tensor-data.js";

/** What a pool keeps: the best values [outRows, channels] so far and the input row that each came from. */
interface Best {
  readonly values: Float32Array;
  readonly winners: Int32Array;
}

/** Nothing yet: -Infinity, from row `inRows`. */
function noneYet({ backend }: Pick<KernelCall, "backend">, entries: number, inRows: number): Best {
  return { values: backend.allocate(entries).fill(-Infinity), winners: new Int32Array(entries).fill(inRows) };
}

/** Lets an input row compete for an output row. Of equal values that of the lowest row stays; a NaN wins. */
function compete(x: Float32Array, row: number, { values, winners }: Best, to: number, channels: number): void {
  for (let c = 0, from = row * channels, at = to * channels; c < channels; c++, from++, at++) {
    const value = x[from];
    if (value > values[at] || Number.isNaN(value) || (value === values[at] && row < winners[at])) {
      values[at] = value;
      winners[at] = row;
    }
  }
}

/**
 * Input x [inRows, channels]; outputs the largest value of the input rows that meet an output row, [outRows, channels], and the
 * int32 number of the row that it came from: of equal ones the lowest, `inRows` if none meets it. A NaN wins.
 */
function sparseMaxPool({ inputs, attrs, backend }: KernelCall) {
  const { x } = inputs;
  const { map, inRows, outRows }: { map: PairMap; inRows: number; outRows: number } = attrs;
  const channels: number = x.shape[1];
  const values = float32Of(backend, x);
  const best = noneYet({ backend }, outRows * channels, inRows);
  for (let pair = 0; pair < map.inputs.length; pair++) {
    compete(values, map.inputs[pair], best, map.outputs[pair], channels);
  }
  const shape = [outRows, channels];
  return [backend.makeTensorInfo(shape, "float32", best.values), backend.makeTensorInfo(shape, "int32", best.winners)];
}

/** As {@link sparseMaxPool}, where output row i meets the input rows starts[i] to starts[i + 1]. */
function segmentMaxPool({ inputs, attrs, backend }: KernelCall) {
  const { x } = inputs;
  const { starts }: { starts: Int32Array } = attrs;
  const [inRows, channels]: number[] = x.shape;
  const shape = [starts.length - 1, channels];
  const values = backend.allocate(shape[0] * channels);
  const winners = new Int32Array(values.length);
  const sizes = { rows: inRows, columns: channels, segments: shape[0] };
  kernels().segmentMax(float32Of(backend, x), starts, { values, winners }, sizes);
  return [backend.makeTensorInfo(shape, "float32", values), backend.makeTensorInfo(shape, "int32", winners)];
}

/** Inputs dy and winners [outRows, channels]; output [inRows, channels]. */
function sparseMaxPoolGrad({ inputs, attrs, backend }: KernelCall) {
  const { dy, winners } = inputs;
  const inRows: number = attrs.inRows;
  const channels: number = dy.shape[1];
  const gradient = float32Of(backend, dy);
  const rows = dataOf(backend, winners);
  const dx = backend.allocate(inRows * channels).fill(0);
  for (let i = 0; i < gradient.length; i++) {
    if (rows[i] < inRows) dx[rows[i] * channels + (i % channels)] += gradient[i];
  }
  return backend.makeTensorInfo([inRows, channels], "float32", dx);
}

export const sparseMaxPoolKernels: FastKernels = {
  SparseMaxPool: sparseMaxPool,
  SegmentMaxPool: segmentMaxPool,
  SparseMaxPoolGrad: sparseMaxPoolGrad,
};
