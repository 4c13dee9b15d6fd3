import { kernels } from "simd-kernels";
import type { FastKernels, KernelCall } from "../fast-kernel.js";
import { dataOf, float32Of, sizeOf } from "../tensor-data.js";

/** A map of any rank ≥ 2 as [images, dims, samples]. */
function columnsOf(shape: readonly number[]): { images: number; dims: number; samples: number } {
  return { images: shape[0], dims: sizeOf(shape.slice(1, -1)), samples: shape[shape.length - 1] };
}

/**
 * Input x [images, .., samples]; attribute k; outputs the distance of each sample to its k-th nearest other one, a float64 number
 * as the bits of two int32 ones [images, samples, 2], and that sample's index [images, samples] int32.
 */
function kthNeighbours({ inputs, attrs, backend }: KernelCall) {
  const { x } = inputs;
  const size = columnsOf(x.shape);
  const shape = [size.images, size.samples];
  const radii = new Float64Array(sizeOf(shape));
  const neighbours = new Int32Array(radii.length);
  kernels().kthNeighbours(float32Of(backend, x), { radii, neighbours }, { ...size, k: attrs.k });
  return [
    backend.makeTensorInfo([...shape, 2], "int32", new Int32Array(radii.buffer)),
    backend.makeTensorInfo(shape, "int32", neighbours),
  ];
}

/**
 * Inputs x [images, .., samples], neighbours [images, samples] int32, weights [images, samples, 2] int32, the bits of float64
 * numbers; output Σ over the edges sample → neighbour of weight · difference, the shape of x.
 */
function edgeGradient({ inputs, backend }: KernelCall) {
  const { x, neighbours, weights } = inputs;
  const out = backend.allocate(sizeOf(x.shape));
  const bits = Int32Array.from(dataOf(backend, weights));
  const edges = {
    x: float32Of(backend, x),
    neighbours: dataOf(backend, neighbours) as Int32Array,
    weights: new Float64Array(bits.buffer),
  };
  kernels().edgeGradient(edges, out, columnsOf(x.shape));
  return backend.makeTensorInfo(x.shape, "float32", out);
}

export const neighbourKernels: FastKernels = { KthNeighbours: kthNeighbours, EdgeGradient: edgeGradient };
