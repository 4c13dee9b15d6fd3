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
  const op = tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    const [value, winners] = pool(x, rulebook);
    save([winners]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => poolGradient(dy as tf.Tensor2D, saved[0], rulebook);
    return { value, gradFunc };
  });
  return op(features) as tf.Tensor2D;
}

/** Values [outRows, channels] and the input row that each came from, `inRows` for none. */
function pool(x: tf.Tensor2D, rulebook: Rulebook): readonly [tf.Tensor2D, tf.Tensor2D] {
  const fused = backendKernel("SparseMaxPool");
  if (fused) return fused({ x }, pairsOf(rulebook)) as [tf.Tensor2D, tf.Tensor2D];
  return stockPool(x, rulebook);
}

/** [inRows, channels] from dy and winners [outRows, channels]. */
function poolGradient(dy: tf.Tensor2D, winners: tf.Tensor, rulebook: Rulebook): tf.Tensor2D {
  const fused = backendKernel("SparseMaxPoolGrad");
  if (fused) return fused({ dy, winners }, { inRows: rulebook.inRows })[0] as tf.Tensor2D;
  return stockGradient(dy, winners, rulebook);
}

/** The same as {@link pool} from stock operations: one round per tap, in which a row -Infinity stands for a site that is not there. */
function stockPool(x: tf.Tensor2D, rulebook: Rulebook): [tf.Tensor2D, tf.Tensor2D] {
  const { inRows, outRows, map } = rulebook;
  const channels = x.shape[1];
  return tf.tidy(() => {
    const padded = tf.concat([x, tf.fill([1, channels], -Infinity)]);
    let best = tf.fill([outRows, channels], -Infinity) as tf.Tensor2D;
    let winners = tf.fill([outRows, channels], inRows, "int32") as tf.Tensor2D;
    for (let tap = 0; tap < map.taps; tap += 1) {
      if (map.starts[tap] === map.starts[tap + 1]) continue;
      const rows = tf.tensor1d(inputOfOutputs(rulebook, tap), "int32");
      const values = tf.gather(padded, rows);
      const rowOf = tf.tile(tf.expandDims(rows, 1), [1, channels]);
      const ofEqual = tf.where(tf.equal(values, best), tf.minimum(rowOf, winners), winners);
      winners = tf.where(tf.greater(values, best), rowOf, ofEqual) as tf.Tensor2D;
      best = tf.maximum(best, values);
    }
    return [best, winners];
  });
}

function stockGradient(dy: tf.Tensor2D, winners: tf.Tensor, { map, inRows }: Rulebook): tf.Tensor2D {
  const shape: [number, number] = [inRows, dy.shape[1]];
  return tf.tidy(() => {
    if (map.inputs.length === 0) return tf.zeros(shape);
    const inputs = tf.tensor2d(map.inputs, [map.inputs.length, 1], "int32");
    const outputs = tf.tensor1d(map.outputs, "int32");
    const won = tf.cast(tf.equal(tf.gather(winners, outputs), inputs), "float32");
    return tf.scatterND(inputs, tf.mul(tf.gather(dy, outputs), won), shape) as tf.Tensor2D;
  });
}

/** [outRows] the input row that an output row meets under a tap, `inRows` for none. */
function inputOfOutputs({ inRows, outRows, map }: Rulebook, tap: number): Int32Array {
  const rows = new Int32Array(outRows).fill(inRows);
  for (let pair = map.starts[tap]; pair < map.starts[tap + 1]; pair += 1) rows[map.outputs[pair]] = map.inputs[pair];
  return rows;
}
