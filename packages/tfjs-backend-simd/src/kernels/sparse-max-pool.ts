import type { PairMap } from "simd-kernels";
import type { FastKernels, KernelCall } from "../fast-kernel.js";
import { dataOf, float32Of } from "../tensor-data.js";

/**
 * Input x [inRows, channels]; outputs the largest value of the input rows that meet an output row, [outRows, channels], and the
 * int32 number of the row that it came from: of equal ones the lowest, `inRows` if none meets it. A NaN wins.
 */
function sparseMaxPool({ inputs, attrs, backend }: KernelCall) {
  const { x } = inputs;
  const { map, inRows, outRows }: { map: PairMap; inRows: number; outRows: number } = attrs;
  const channels: number = x.shape[1];
  const values = float32Of(backend, x);
  const best = backend.allocate(outRows * channels).fill(-Infinity);
  const winners = new Int32Array(outRows * channels).fill(inRows);
  for (let pair = 0; pair < map.inputs.length; pair++) {
    const row = map.inputs[pair];
    const from = row * channels;
    const to = map.outputs[pair] * channels;
    for (let c = 0; c < channels; c++) {
      const value = values[from + c];
      if (value > best[to + c] || Number.isNaN(value) || (value === best[to + c] && row < winners[to + c])) {
        best[to + c] = value;
        winners[to + c] = row;
      }
    }
  }
  const shape = [outRows, channels];
  return [backend.makeTensorInfo(shape, "float32", best), backend.makeTensorInfo(shape, "int32", winners)];
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

export const sparseMaxPoolKernels: FastKernels = { SparseMaxPool: sparseMaxPool, SparseMaxPoolGrad: sparseMaxPoolGrad };
