import * as tf from "@tensorflow/tfjs-core";
import {
  buildStridedRulebook,
  buildSubmanifoldRulebook,
  type FoldedConvolution,
  sparseConvolution,
  sparseConvolutionBiasRelu,
  type Triple,
} from "sparse-conv";
import type { Unit, UnitKind } from "./unit.js";

// Every kind of unit: what it computes, and the function that describes one. A kind of your own is one more such pair.

/** From how many channels to how many. */
export type Channels = readonly [from: number, to: number];

/** What follows the products of a unit: a norm or a bias, and ReLU unless said otherwise. All of it is trained by default. */
export type UnitEnd = Pick<Unit, "bias" | "norm" | "deviation" | "inputSizes"> &
  Partial<Pick<Unit, "relu" | "trainable">>;

const LINEAR: UnitKind = {
  name: "linear",
  lastAxis: "out",
  pytorchAxes: [[1, 0]], // [out, in]
  fanIn: ({ inChannels }) => inChannels,
  products: (x, filter) => tf.matMul(x as tf.Tensor2D, filter as tf.Tensor2D),
  folded: (x, { filter, bias }) =>
    tf.fused.matMul({ a: x as tf.Tensor2D, b: filter as tf.Tensor2D, bias, activation: "relu" }),
};

/** A linear layer on rows: [rows, from] → [rows, to]. */
export function linear(name: string, channels: Channels, end: UnitEnd): Unit {
  return describe(name, { kind: LINEAR, kernel: [], stride: [], padding: [], channels, end });
}

const CONVOLUTION: UnitKind = {
  name: "convolution",
  lastAxis: "out",
  pytorchAxes: [[2, 3, 1, 0]], // [out, in, kh, kw]
  fanIn: windowInputs,
  products(x, filter, { unit }) {
    const [map, weights] = [x as tf.Tensor4D, filter as tf.Tensor4D];
    const sides = explicitPadding(unit);
    const [stride] = unit.stride;
    // TensorFlow's own runtime has explicit padding forward but not in the gradients. There the zeros are a step of their
    // own wherever `same`, which both have, would be something else: at stride 2 it pads bottom and right only.
    if (tf.getBackend() !== "tensorflow") return tf.conv2d(map, weights, stride, sides);
    return stride === 1 ? tf.conv2d(map, weights, 1, "same") : tf.conv2d(tf.pad(map, sides), weights, stride, "valid");
  },
  folded(x, { filter, bias }, { unit }) {
    const [map, weights] = [x as tf.Tensor4D, filter as tf.Tensor4D];
    const options = { strides: unit.stride[0], pad: explicitPadding(unit), activation: "relu" } as const;
    return tf.fused.conv2d({ x: map, filter: weights, bias, ...options });
  },
};

/** Rows of zeros before and behind each axis of [b, y, x, c]. */
function explicitPadding({ padding: [y, x] }: Unit): tf.backend_util.ExplicitPadding {
  return [
    [0, 0],
    [y, y],
    [x, x],
    [0, 0],
  ];
}

/**
 * A convolution by a square of odd side, as many zeros on all four sides as leave the size at stride 1:
 * [b, y, x, from] → [b, ⌈y/stride⌉, ⌈x/stride⌉, to].
 */
export function convolution(
  name: string,
  channels: Channels,
  { side, stride = 1, ...end }: UnitEnd & { readonly side: number; readonly stride?: number },
): Unit {
  const padding = (side - 1) / 2;
  const square = { kernel: [side, side], stride: [stride, stride], padding: [padding, padding] };
  return describe(name, { kind: CONVOLUTION, ...square, channels, end });
}

const TRANSPOSED: UnitKind = {
  name: "transposed",
  lastAxis: "in",
  pytorchAxes: [[2, 3, 1, 0]], // [in, out, kh, kw]
  fanIn: ({ inChannels }) => inChannels, // patches do not overlap: each output sees one cell
  products(x, filter, { unit }) {
    const [batch, height, width] = (x as tf.Tensor4D).shape;
    const [stride] = unit.stride;
    const shape: [number, number, number, number] = [batch, height * stride, width * stride, unit.outChannels];
    return tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, shape, stride, "valid");
  },
};

/**
 * A transposed convolution that makes a square of u × u pixels of each cell: [b, y, x, from] → [b, y·u, x·u, to],
 *
 *     out[u·y+a, u·x+b, co] = Σ_ci in[y, x, ci] · W[a, b, co, ci]
 */
export function transposed(
  name: string,
  channels: Channels,
  { side, ...end }: UnitEnd & { readonly side: number },
): Unit {
  const square = { kernel: [side, side], stride: [side, side], padding: [0, 0] };
  return describe(name, { kind: TRANSPOSED, ...square, channels, end });
}

const SPARSE: Omit<UnitKind, "name"> = {
  lastAxis: "out",
  // spconv 2 stores [out, kz, ky, kx, in]; spconv 1, which made the older files, [kz, ky, kx, in, out], as we do.
  pytorchAxes: [
    [1, 2, 3, 4, 0],
    [0, 1, 2, 3, 4],
  ],
  fanIn: windowInputs,
  products: (x, filter, { rulebook }) => sparseConvolution(x as tf.Tensor2D, filter as tf.Tensor5D, rulebook!),
  folded: (x, { filter, bias }, { rulebook }) =>
    sparseConvolutionBiasRelu(x as tf.Tensor2D, { weights: filter, bias } as FoldedConvolution, rulebook!),
};

/** Output sites are the input sites: neighbouring units of one kernel can share a rulebook. */
export const SUBMANIFOLD: UnitKind = {
  name: "submanifold",
  ...SPARSE,
  rulebook: (unit, { coords, ...extent }) =>
    buildSubmanifoldRulebook(coords, { ...extent, kernel: triple(unit.kernel) }),
};

const STRIDED: UnitKind = {
  name: "strided",
  ...SPARSE,
  rulebook(unit, { coords, ...extent }) {
    const [kernel, stride, padding] = [unit.kernel, unit.stride, unit.padding].map(triple);
    return buildStridedRulebook(coords, { ...extent, kernel, stride, padding });
  },
};

function triple([z, y, x]: readonly number[]): Triple {
  return [z, y, x];
}

/** A sparse 3D convolution whose output sites are its input sites: [sites, from] → [sites, to]. */
export function submanifold(
  name: string,
  channels: Channels,
  { kernel, ...end }: UnitEnd & { readonly kernel: Triple },
): Unit {
  const padding = kernel.map((cells) => (cells - 1) / 2);
  return describe(name, { kind: SUBMANIFOLD, kernel, stride: [1, 1, 1], padding, channels, end });
}

/** A sparse 3D convolution to every site that an input reaches: [sites, from] → [more or fewer sites, to]. */
export function strided(
  name: string,
  channels: Channels,
  { kernel, stride, padding, ...end }: UnitEnd & Record<"kernel" | "stride" | "padding", Triple>,
): Unit {
  return describe(name, { kind: STRIDED, kernel, stride, padding, channels, end });
}

function describe(
  name: string,
  {
    channels: [inChannels, outChannels],
    end,
    ...products
  }: Pick<Unit, "kind" | "kernel" | "stride" | "padding"> & { readonly channels: Channels; readonly end: UnitEnd },
): Unit {
  return { name, ...products, inChannels, outChannels, relu: true, trainable: "all", ...end };
}

function windowInputs({ kernel, inChannels }: Unit): number {
  return kernel.reduce((product, cells) => product * cells, inChannels);
}
