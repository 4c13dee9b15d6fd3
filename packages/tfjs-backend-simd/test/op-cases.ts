import * as tf from "@tensorflow/tfjs-core";
import { moveCases } from "./move-cases.js";
import type { OpCase } from "./op-case.js";

// biome-ignore lint/suspicious/noExplicitAny: one table for ops of many signatures.
type AnyOp = any;

const binaryShapes: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[1], [1]],
  [
    [7, 13],
    [7, 13],
  ],
  [[7, 13], []],
  [[], [7, 13]],
  [[7, 13], [13]],
  [[13], [7, 13]],
  [
    [7, 13],
    [7, 1],
  ],
  [
    [7, 1],
    [7, 13],
  ],
  [
    [5, 1],
    [1, 7],
  ],
  [
    [1, 7],
    [5, 1],
  ],
  [[33, 40], [40]],
  [
    [33, 40],
    [33, 1],
  ],
  [
    [70, 64],
    [70, 64],
  ],
  [
    [2, 3, 4, 5],
    [2, 1, 1, 5],
  ],
  [
    [2, 3, 4, 5],
    [3, 1, 5],
  ],
  [
    [2, 1, 4, 1],
    [3, 1, 5],
  ],
  [
    [2, 3, 1, 1, 2],
    [1, 3, 4, 1, 2],
  ],
  [[0, 3], [3]],
  [[0], []],
];

/** tfjs-core's gradients of the ops marked `sameShape` do not sum over broadcast axes. */
const binaryOps: Record<string, { op: AnyOp; range?: [number, number]; gradient?: boolean | "sameShape" }> = {
  add: { op: tf.add },
  sub: { op: tf.sub },
  mul: { op: tf.mul },
  div: { op: tf.div, range: [0.5, 2] },
  maximum: { op: tf.maximum, gradient: "sameShape" },
  minimum: { op: tf.minimum, gradient: "sameShape" },
  squaredDifference: { op: tf.squaredDifference, gradient: "sameShape" },
  pow: { op: tf.pow, range: [0.5, 2] },
  greater: { op: tf.greater, gradient: false },
  greaterEqual: { op: tf.greaterEqual, gradient: false },
  less: { op: tf.less, gradient: false },
  lessEqual: { op: tf.lessEqual, gradient: false },
  equal: { op: (a: tf.Tensor, b: tf.Tensor) => tf.equal(tf.round(a), tf.round(b)), gradient: false },
  notEqual: { op: (a: tf.Tensor, b: tf.Tensor) => tf.notEqual(tf.round(a), tf.round(b)), gradient: false },
  and: { op: (a: tf.Tensor, b: tf.Tensor) => tf.logicalAnd(tf.greater(a, 0), tf.greater(b, 0)), gradient: false },
  or: { op: (a: tf.Tensor, b: tf.Tensor) => tf.logicalOr(tf.greater(a, 0), tf.greater(b, 0)), gradient: false },
};

const unaryOps: Record<string, { op: AnyOp; range?: [number, number] }> = {
  relu: { op: tf.relu },
  relu6: { op: tf.relu6, range: [-3, 9] },
  neg: { op: tf.neg },
  abs: { op: tf.abs },
  square: { op: tf.square },
  sqrt: { op: tf.sqrt, range: [0.1, 3] },
  rsqrt: { op: tf.rsqrt, range: [0.1, 3] },
  reciprocal: { op: tf.reciprocal, range: [0.1, 3] },
  step: { op: tf.step },
  stepLeaky: { op: (x: tf.Tensor) => tf.step(x, 0.25) },
  sigmoid: { op: tf.sigmoid },
  exp: { op: tf.exp },
  log: { op: tf.log, range: [0.1, 3] },
  log1p: { op: tf.log1p, range: [-0.5, 3] },
  tanh: { op: tf.tanh },
  sin: { op: tf.sin },
  cos: { op: tf.cos },
  sign: { op: tf.sign },
  clip: { op: (x: tf.Tensor) => tf.clipByValue(x, -1, 0.5) },
  softplus: { op: tf.softplus },
  elu: { op: tf.elu },
  leakyRelu: { op: tf.leakyRelu },
  toInt: { op: (x: tf.Tensor) => tf.cast(tf.cast(x, "int32"), "float32") },
  toBool: { op: (x: tf.Tensor) => tf.cast(tf.cast(x, "bool"), "float32") },
};

const reductions: readonly [readonly number[], readonly number[]][] = [
  [[9], [0]],
  [[5, 7], [0]],
  [[5, 7], [1]],
  [
    [5, 7],
    [0, 1],
  ],
  [[3, 4, 5], [1]],
  [
    [3, 4, 5],
    [0, 2],
  ],
  [
    [3, 4, 5, 6],
    [0, 1, 2],
  ],
  [
    [3, 4, 5, 6],
    [1, 3],
  ],
  [[3, 1, 5, 1], [1]],
  [[1], [0]],
  [[100, 33], [0]],
  [[33, 100], [1]],
];

const reducers: Record<string, AnyOp> = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min };

const composed: readonly OpCase[] = [
  { name: "where", op: (a, b) => tf.where(tf.greater(tf.range(-4, 5), 0), a, b), shapes: [[9], [9]] },
  ...[[1], [5, 7], [3, 4, 65]].map((shape) => ({ name: "softmax", op: tf.softmax as AnyOp, shapes: [shape] })),
  { name: "logSoftmax", op: tf.logSoftmax as AnyOp, shapes: [[6, 9]] },
  { name: "logSumExp", op: ((x: tf.Tensor) => tf.logSumExp(x, 1)) as AnyOp, shapes: [[6, 9]] },
  { name: "moments", op: (x) => tf.moments(x, [0, 1]).variance, shapes: [[5, 6, 7]] },
  { name: "norm", op: (x) => tf.norm(x, 2, 1), shapes: [[5, 6]] },
  {
    name: "addN",
    op: (...x) => tf.addN(x),
    shapes: [
      [9, 40],
      [9, 40],
      [9, 40],
    ],
  },
  { name: "addN of one", op: (...x) => tf.addN(x), shapes: [[3]] },
  ...[0, 1, 2].map((axis) => ({
    name: "argMax",
    op: (x: tf.Tensor) => tf.argMax(x, axis),
    shapes: [[4, 5, 6]],
    gradient: false,
  })),
  ...[0, 2].map((axis) => ({
    name: "argMin",
    op: (x: tf.Tensor) => tf.argMin(x, axis),
    shapes: [[4, 5, 6]],
    gradient: false,
  })),
  { name: "topk", op: (x) => tf.topk(x, 3).values, shapes: [[4, 9]], gradient: false },
  { name: "cumsum", op: (x) => tf.cumsum(x, 1), shapes: [[4, 9]] },
  { name: "prod", op: (x) => tf.prod(x, 1), shapes: [[4, 5]], gradient: false },
  { name: "maxPool", op: ((x: tf.Tensor4D) => tf.maxPool(x, 2, 2, "same")) as AnyOp, shapes: [[2, 5, 6, 3]] },
  { name: "avgPool", op: ((x: tf.Tensor4D) => tf.avgPool(x, 3, 1, "valid")) as AnyOp, shapes: [[2, 5, 6, 3]] },
  {
    name: "resizeBilinear",
    op: ((x: tf.Tensor4D) => tf.image.resizeBilinear(x, [7, 5])) as AnyOp,
    shapes: [[1, 4, 4, 3]],
  },
  {
    name: "huberLoss",
    op: (a, b) => tf.losses.huberLoss(a, b, undefined, 0.5),
    shapes: [
      [4, 5],
      [4, 5],
    ],
  },
  {
    name: "sigmoidCrossEntropy",
    op: (a, b) => tf.losses.sigmoidCrossEntropy(a, b),
    shapes: [
      [4, 5],
      [4, 5],
    ],
  },
  {
    name: "einsum",
    op: (a, b) => tf.einsum("bij,jk->bik", a, b),
    shapes: [
      [2, 3, 4],
      [4, 5],
    ],
    gradient: false,
  },
  {
    name: "int32 path",
    op: (a) => tf.add(tf.cast(tf.mul(a, 5), "int32"), tf.scalar(3, "int32")),
    shapes: [[4, 5]],
    gradient: false,
  },
  {
    name: "cumprod of complex parts",
    op: (a, b) => tf.real(tf.mul(tf.complex(a, b), tf.complex(b, a))),
    shapes: [[6], [6]],
    gradient: false,
  },
  {
    name: "batchNorm",
    op: (x, m, v, o, s) =>
      tf.batchNorm(x, m as tf.Tensor1D, v as tf.Tensor1D, o as tf.Tensor1D, s as tf.Tensor1D, 1e-3),
    shapes: [[2, 5, 6, 7], [7], [7], [7], [7]],
    range: [0.5, 2],
  },
  {
    name: "batchNorm without scale",
    op: (x, m, v) => tf.batchNorm(x, m as tf.Tensor1D, v as tf.Tensor1D),
    shapes: [[9, 3], [3], [3]],
    range: [0.5, 2],
    gradient: false,
  },
];

/** Every case of the sweep but products and convolutions. */
export const opCases: readonly OpCase[] = [
  ...Object.entries(binaryOps).flatMap(([name, { op, range, gradient }]) =>
    binaryShapes.map((shapes) => ({
      name: `${name} [${shapes.join("] [")}]`,
      op,
      shapes,
      range,
      gradient: gradient === "sameShape" ? shapes[0].join() === shapes[1].join() : gradient,
    })),
  ),
  ...Object.entries(unaryOps).flatMap(([name, { op, ...rest }]) =>
    [[], [1], [3, 7], [40, 41], [0, 2]].map((shape) => ({ name: `${name} [${shape}]`, op, shapes: [shape], ...rest })),
  ),
  ...Object.entries(reducers).flatMap(([name, op]) =>
    reductions.flatMap(([shape, axes]) =>
      [false, true].map((keep) => ({
        name: `${name} [${shape}] over ${axes}${keep ? " kept" : ""}`,
        op: (x: tf.Tensor) => op(x, axes, keep),
        shapes: [shape],
      })),
    ),
  ),
  ...moveCases,
  ...composed,
];
