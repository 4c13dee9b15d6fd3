import * as tf from "@tensorflow/tfjs-core";
import type { OpCase } from "./op-case.js";

type Padding = "same" | "valid" | number | tf.backend_util.ExplicitPadding;

interface ConvCase {
  readonly x: readonly [number, number, number, number];
  readonly kernel: readonly [number, number];
  readonly cout: number;
  readonly stride?: number | [number, number];
  readonly pad?: Padding;
  readonly dilation?: number | [number, number];
}

const explicit: tf.backend_util.ExplicitPadding = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];

// Channel counts below, at and above the vector widths; kernels, strides and padding even, odd and uneven.
const convolutions: readonly ConvCase[] = [
  { x: [1, 1, 1, 1], kernel: [1, 1], cout: 1 },
  { x: [1, 5, 5, 1], kernel: [3, 3], cout: 1 },
  { x: [2, 7, 6, 3], kernel: [3, 3], cout: 7 },
  { x: [2, 7, 6, 3], kernel: [3, 3], cout: 13, pad: "valid" },
  { x: [1, 8, 9, 7], kernel: [3, 3], cout: 16, stride: 2 },
  {
    x: [1, 8, 8, 4],
    kernel: [3, 3],
    cout: 5,
    stride: 2,
    pad: [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ],
  },
  { x: [1, 9, 8, 13], kernel: [2, 2], cout: 40, stride: 2, pad: "valid" },
  { x: [1, 6, 7, 40], kernel: [1, 1], cout: 13 },
  { x: [3, 5, 5, 17], kernel: [1, 1], cout: 33, stride: 2 },
  { x: [1, 7, 8, 5], kernel: [3, 2], cout: 4, pad: explicit },
  { x: [1, 9, 10, 3], kernel: [4, 3], cout: 6, stride: [3, 2], pad: 1 },
  { x: [2, 10, 9, 3], kernel: [3, 3], cout: 8, dilation: 2 },
  { x: [1, 11, 11, 2], kernel: [3, 2], cout: 3, dilation: [3, 2], pad: "valid" },
  { x: [1, 3, 3, 2], kernel: [5, 5], cout: 2 },
  { x: [1, 12, 11, 64], kernel: [3, 3], cout: 64 },
];

const convCases: OpCase[] = convolutions.map(({ x, kernel, cout, stride = 1, pad = "same", dilation = 1 }) => ({
  name: `conv2d [${x}] ${kernel} to ${cout} stride ${stride} pad ${JSON.stringify(pad)} dilation ${dilation}`,
  op: (input, filter) => tf.conv2d(input as tf.Tensor4D, filter as tf.Tensor4D, stride, pad, "NHWC", dilation),
  shapes: [x, [...kernel, x[3], cout]],
  gradient: dilation === 1,
}));

const matrices: readonly [readonly number[], readonly number[], boolean?, boolean?][] = [
  [
    [1, 1],
    [1, 1],
  ],
  [
    [5, 7],
    [7, 3],
  ],
  [[7, 5], [7, 3], true],
  [[5, 7], [3, 7], false, true],
  [[7, 5], [3, 7], true, true],
  [
    [33, 65],
    [65, 17],
  ],
  [
    [0, 4],
    [4, 3],
  ],
  [
    [3, 0],
    [0, 4],
  ],
  [
    [4, 5, 6],
    [4, 6, 7],
  ],
  [
    [4, 5, 6],
    [6, 7],
  ],
  [
    [5, 6],
    [4, 6, 7],
  ],
  [[4, 6, 5], [1, 6, 7], true],
];

const matMulCases: OpCase[] = matrices.map(([a, b, transposeA = false, transposeB = false]) => ({
  name: `matMul [${a}] ${transposeA} [${b}] ${transposeB}`,
  op: (x, y) => tf.matMul(x, y, transposeA, transposeB),
  shapes: [a, b],
  gradient: a.length === b.length && (a.length === 2 || a[0] === b[0]), // tfjs-core's gradient does not sum over a broadcast batch
}));

const fusedCases: OpCase[] = (["linear", "relu", "relu6", "sigmoid", "elu", "leakyrelu"] as const).flatMap(
  (activation) => [
    {
      name: `fused.conv2d ${activation}`,
      op: (x, filter, bias) =>
        tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: 1,
          pad: "same",
          bias: bias as tf.Tensor1D,
          activation,
        }),
      shapes: [[1, 5, 6, 3], [3, 3, 3, 7], [7]],
      gradient: activation === "linear" || activation === "relu",
    },
    {
      name: `fused.matMul ${activation}`,
      op: (a, b, bias) => tf.fused.matMul({ a, b, bias, activation }),
      shapes: [[5, 6], [6, 9], [9]],
      gradient: activation === "linear" || activation === "relu",
    },
  ],
);

/** As above, with more elements than run as plain loops, and columns that are no whole vector. */
const largeFusedCases: OpCase[] = [
  {
    name: "fused.conv2d relu, large",
    op: (x, filter, bias) =>
      tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        strides: 2,
        pad: [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ],
        bias,
        activation: "relu",
      }),
    shapes: [[1, 19, 20, 3], [3, 3, 3, 17], [17]],
  },
  {
    name: "fused.matMul relu, large",
    op: (a, b, bias) => tf.fused.matMul({ a, b, bias, activation: "relu" }),
    shapes: [[65, 6], [6, 33], [33]],
  },
  {
    name: "fused.matMul relu of no columns",
    op: (a, b, bias) => tf.fused.matMul({ a, b, bias, activation: "relu" }),
    shapes: [[5, 6], [6, 0], [0]],
  },
];

/** Products: convolutions, matrix products and what is made of them. */
export const productCases: readonly OpCase[] = [
  ...convCases,
  ...matMulCases,
  ...fusedCases,
  ...largeFusedCases,
  {
    name: "conv2dTranspose",
    op: (x, filter) => tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [1, 8, 10, 3], 2, "same"),
    shapes: [
      [1, 4, 5, 6],
      [2, 2, 3, 6],
    ],
  },
  {
    name: "conv1d",
    op: (x, filter) => tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, 2, "same"),
    shapes: [
      [2, 9, 3],
      [3, 3, 5],
    ],
  },
  {
    name: "conv2d NCHW on the stock kernel",
    op: (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same", "NCHW"),
    shapes: [
      [1, 3, 5, 6],
      [3, 3, 3, 4],
    ],
  },
  {
    name: "depthwiseConv2d on the stock kernel",
    op: (x, filter) => tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same"),
    shapes: [
      [1, 5, 6, 3],
      [3, 3, 3, 2],
    ],
  },
];
