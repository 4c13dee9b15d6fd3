import * as tf from "@tensorflow/tfjs-core";
import type { Op } from "./on-backend.js";
import type { OpCase } from "./op-case.js";

/** Ops that only move numbers. */
export const moveCases: readonly OpCase[] = [
  ...[
    [1, 0],
    [0, 1],
  ].map((perm) => move(`transpose ${perm}`, (x) => tf.transpose(x, perm), [[37, 45]])),
  ...[
    [0, 2, 1],
    [2, 1, 0],
    [1, 2, 0],
    [2, 0, 1],
  ].map((perm) => move(`transpose ${perm}`, (x) => tf.transpose(x, perm), [[5, 34, 33]])),
  ...[
    [0, 3, 1, 2],
    [3, 2, 1, 0],
    [0, 2, 3, 1],
    [2, 3, 0, 1],
  ].map((perm) => move(`transpose ${perm}`, (x) => tf.transpose(x, perm), [[2, 5, 6, 7]])),
  move("transpose of nothing", (x) => tf.transpose(x, [1, 0]), [[0, 4]]),
  // Whole rows, enough of them for a gather on all threads; the last is none, as its rows begin within those of x.
  move("transpose of long rows", (x) => tf.transpose(x, [0, 2, 1, 3]), [[5, 40, 3, 128]]),
  move("transpose of long rows, two axes", (x) => tf.transpose(x, [2, 0, 1, 3]), [[5, 40, 3, 128]]),
  move("reverse of long rows", (x) => tf.reverse(x, [1]), [[6, 90, 128]]),
  move("tile of long rows", (x) => tf.tile(x, [1, 3, 1]), [[40, 5, 128]]),
  move("slice of long rows", (x) => tf.slice(x, [1, 2, 0], [25, 25, 128]), [[30, 30, 128]]),
  move("slice within long rows", (x) => tf.slice(x, [0, 0, 3], [30, 25, 120]), [[32, 30, 128]]),
  move("slice rows", (x) => tf.slice(x, [2, 0], [3, 6]), [[7, 6]]),
  move("slice columns", (x) => tf.slice(x, [1, 2], [5, 3]), [[7, 6]]),
  move("slice 4D", (x) => tf.slice(x, [0, 1, 2, 1], [2, 2, -1, 1]), [[2, 4, 5, 3]]),
  move("slice of nothing", (x) => tf.slice(x, [1, 2], [0, 3]), [[7, 6]]),
  move(
    "pad",
    (x) =>
      tf.pad(
        x,
        [
          [1, 2],
          [0, 3],
        ],
        1.5,
      ),
    [[4, 5]],
  ),
  move(
    "pad 4D",
    (x) =>
      tf.pad(x, [
        [0, 0],
        [1, 1],
        [2, 0],
        [0, 0],
      ]),
    [[2, 3, 4, 5]],
  ),
  move("tile", (x) => tf.tile(x, [2, 3, 1]), [[2, 3, 4]]),
  move("broadcastTo", (x) => tf.broadcastTo(x, [4, 3, 5]), [[3, 1]]),
  move("reverse", (x) => tf.reverse(x, [0, 2]), [[2, 3, 4]]),
  move("reverse of an axis twice", (x) => tf.reverse(x, [0, 1, -3]), [[2, 3, 4]]),
  ...[0, 1, 2].map((axis) =>
    move(`concat ${axis}`, (a, b) => tf.concat([a, b], axis), [
      [2, 3, 4],
      [2, 3, 4],
    ]),
  ),
  move("concat with nothing", (a, b) => tf.concat([a, b], 0), [
    [0, 4],
    [3, 4],
  ]),
  move("concat long rows", (a, b) => tf.concat([a, b], 1), [
    [3, 64],
    [3, 50],
  ]),
  ...[0, 1, 2].map((axis) =>
    move(`stack ${axis}`, (a, b) => tf.stack([a, b], axis), [
      [3, 4],
      [3, 4],
    ]),
  ),
  ...[0, 1, -1].map((axis) => move(`split ${axis}`, (x) => tf.split(x, [1, 2], axis), [[3, 3]])),
  ...[0, 1, 2].map((axis) => move(`unstack ${axis}`, (x) => tf.unstack(x, axis), [[2, 3, 4]])),
  ...[0, 1, 2].map((axis) => move(`gather ${axis}`, (x) => tf.gather(x, [1, 0, 1, 1], axis), [[2, 3, 8]])),
  move("gather nothing", (x) => tf.gather(x, tf.tensor1d([], "int32")), [[5, 3]], false),
  move(
    "gather of pairs",
    (x) =>
      tf.gather(
        x,
        tf.tensor2d(
          [
            [0, 4],
            [4, 2],
          ],
          [2, 2],
          "int32",
        ),
      ),
    [[5, 7]],
  ),
  {
    ...move(
      "gather batched",
      (x) =>
        tf.gather(
          x,
          tf.tensor2d(
            [
              [0, 1],
              [2, 2],
            ],
            [2, 2],
            "int32",
          ),
          1,
          1,
        ),
      [[2, 3, 4]],
    ),
    gradient: false, // tfjs-core's own gradient needs the chained-op API
  },
  move("segmentSum", (x) => tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2, 7, -1], "int32"), 4), [[5, 6]], false),
  move("segmentSum of scalars", (x) => tf.unsortedSegmentSum(x, tf.tensor1d([1, 1, 0], "int32"), 2), [[3]], false),
];

function move(name: string, op: Op, shapes: readonly (readonly number[])[], gradient = true): OpCase {
  return { name, op, shapes, gradient };
}
