import * as tf from "@tensorflow/tfjs-core";
import { backendKernel } from "./backend-kernel.js";
import { checkFeatures, pairsOf, type Rulebook } from "./rulebook.js";
import { checkRows, type SparseTensor3D } from "./sparse-tensor.js";
import { buildStridedRulebook, type WindowOptions } from "./strided-rulebook.js";

/**
 * Max pooling over the sites in a window (spconv's `SparseMaxPool3d`): cells without a site do not count, not even as
 * zero, so a window of negative values stays negative. Every site that some input site reaches comes out, sorted by
 * batch, z, y, x. Differentiable: the gradient of an entry goes to the site that it came from, of equal ones to that of
 * the lowest row. A NaN in a window comes out.
 *
 * @param x      sparse tensor, features [rows, channels]
 * @param window kernel; stride and dilation (default 1), padding (default 0)
 * @throws TypeError, RangeError as {@link buildStridedRulebook}; RangeError if coords do not fit the features
 */
export function sparseMaxPool(x: SparseTensor3D, window: WindowOptions): SparseTensor3D {
  checkRows("sparseMaxPool", x.features, x.coords);
  const rulebook = buildStridedRulebook(x.coords, { shape: x.shape, batchSize: x.batchSize, ...window });
  const features = maxPoolRows(x.features, rulebook);
  return { features, coords: rulebook.outputCoords, shape: rulebook.outputShape, batchSize: x.batchSize };
}

/**
 * {@link sparseMaxPool} with a rulebook that exists already.
 * @param features [inRows, channels] float32, rows as in the sites that the rulebook was built for
 * @returns        [outRows, channels], rows as in `rulebook.outputCoords`; -Infinity where no input row meets a site,
 *   which only rulebooks other than {@link buildStridedRulebook}'s have
 * @throws RangeError if the features do not fit the rulebook
 */
export function maxPoolRows(features: tf.Tensor2D, rulebook: Rulebook): tf.Tensor2D {
  checkFeatures("maxPoolRows", features, rulebook);
  return pool(features, {
    outRows: rulebook.outRows,
    kernel: { name: "SparseMaxPool", attributes: pairsOf(rulebook) },
    rounds: () => roundsOfRulebook(rulebook),
  });
}

/**
 * The largest value of each run of rows, channel by channel: of the points of a cell, say. Gradient and NaN as in
 * {@link sparseMaxPool}.
 * @param features [rows, channels] float32
 * @param starts   [segments + 1] first row of each segment, then the number of rows; never descending, from 0
 * @returns        [segments, channels]; -Infinity for a segment without rows
 * @throws RangeError if the starts are no such numbers
 */
export function maxPoolSegments(features: tf.Tensor2D, starts: Int32Array): tf.Tensor2D {
  checkStarts(features, starts);
  return pool(features, {
    outRows: starts.length - 1,
    kernel: { name: "SegmentMaxPool", attributes: { starts } },
    rounds: () => roundsOfSegments(starts),
  });
}

function checkStarts(features: tf.Tensor2D, starts: Int32Array): void {
  const rows = features.shape[0];
  const descends = starts.findIndex((start, i) => i > 0 && start < starts[i - 1]);
  if (starts[0] !== 0 || starts[starts.length - 1] !== rows || descends >= 0) {
    const got =
      descends >= 0 ? `${starts[descends]} after ${starts[descends - 1]}` : `${starts[0]} to ${starts.at(-1)}`;
    throw new RangeError(`maxPoolSegments: expected starts that ascend from 0 to the ${rows} rows, got ${got}`);
  }
}

/** Which input rows compete for which output row, for a fused kernel and for stock operations. */
interface Competition {
  readonly outRows: number;
  readonly kernel: { readonly name: string; readonly attributes: object };
  /** Rounds of [outRows] input rows each; the number of input rows stands for none. */
  readonly rounds: () => Int32Array[];
}

function pool(features: tf.Tensor2D, { outRows, kernel, rounds }: Competition): tf.Tensor2D {
  const inRows = features.shape[0];
  const op = tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const fused = backendKernel(kernel.name);
    const [value, winners] = fused ? fused({ x }, kernel.attributes) : stockPool(x, outRows, rounds());
    save([winners]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => poolGradient(dy as tf.Tensor2D, saved[0], inRows);
    return { value, gradFunc };
  });
  return op(features) as tf.Tensor2D;
}

/** [inRows, channels] from dy and winners [outRows, channels]. */
function poolGradient(dy: tf.Tensor2D, winners: tf.Tensor, inRows: number): tf.Tensor2D {
  const fused = backendKernel("SparseMaxPoolGrad");
  return fused ? (fused({ dy, winners }, { inRows })[0] as tf.Tensor2D) : stockGradient(dy, winners, inRows);
}

/**
 * Values and winners [outRows, channels] from stock operations: round by round, in which a row -Infinity stands for a row that is not there.
 */
function stockPool(x: tf.Tensor2D, outRows: number, rounds: readonly Int32Array[]): [tf.Tensor2D, tf.Tensor2D] {
  const [inRows, channels] = x.shape;
  return tf.tidy(() => {
    const padded = tf.concat([x, tf.fill([1, channels], -Infinity)]);
    let best = tf.fill([outRows, channels], -Infinity) as tf.Tensor2D;
    let winners = tf.fill([outRows, channels], inRows, "int32") as tf.Tensor2D;
    for (const round of rounds) {
      const rows = tf.tensor1d(round, "int32");
      const values = tf.gather(padded, rows);
      const rowOf = tf.tile(tf.expandDims(rows, 1), [1, channels]);
      const ofEqual = tf.where(tf.equal(values, best), tf.minimum(rowOf, winners), winners);
      winners = tf.where(tf.greater(values, best), rowOf, ofEqual) as tf.Tensor2D;
      best = tf.maximum(best, values);
    }
    return [best, winners];
  });
}

/** Every entry's gradient is added to that of its winner; entries without one go to a row of their own, which is cut off. */
function stockGradient(dy: tf.Tensor2D, winners: tf.Tensor, inRows: number): tf.Tensor2D {
  const [outRows, channels] = dy.shape;
  return tf.tidy(() => {
    if (outRows === 0) return tf.zeros([inRows, channels]);
    const entries = tf.add(tf.mul(winners, tf.scalar(channels, "int32")), tf.range(0, channels, 1, "int32"));
    const size = (inRows + 1) * channels;
    const sums = tf.scatterND(tf.reshape(entries, [outRows * channels, 1]), tf.reshape(dy, [-1]), [size]);
    return tf.reshape(tf.slice(sums, 0, inRows * channels), [inRows, channels]);
  });
}

/** A round for each tap that has pairs: inside a tap no output row comes twice. */
function roundsOfRulebook({ inRows, outRows, map: { taps, starts, inputs, outputs } }: Rulebook): Int32Array[] {
  const rounds: Int32Array[] = [];
  for (let tap = 0; tap < taps; tap += 1) {
    if (starts[tap] === starts[tap + 1]) continue;
    const rows = new Int32Array(outRows).fill(inRows);
    for (let pair = starts[tap]; pair < starts[tap + 1]; pair += 1) rows[outputs[pair]] = inputs[pair];
    rounds.push(rows);
  }
  return rounds;
}

/** Round j has row j of each segment that is that long. */
function roundsOfSegments(starts: Int32Array): Int32Array[] {
  const lengths = starts.subarray(1).map((end, segment) => end - starts[segment]);
  const none = starts[starts.length - 1];
  return Array.from({ length: lengths.reduce((most, length) => Math.max(most, length), 0) }, (_, j) =>
    lengths.map((length, segment) => (j < length ? starts[segment] + j : none)),
  );
}
