import * as tf from "@tensorflow/tfjs-core";
import { backendKernel } from "../backend-kernel.js";

/** What follows the last map of one block of the backbone, down to its share of the head's outputs. */
export interface LevelHeads {
  /** side of the patch that the neck makes of one cell: kernel and stride of its transposed convolution */
  readonly side: number;
  /** [cin, side·side·c]: the patch of a cell, row after row */
  readonly neck: tf.Tensor2D;
  /** [side·side·c] */
  readonly neckBias: tf.Tensor1D;
  /** [c, outputs] the heads' filters of this level's channels, side by side */
  readonly head: tf.Tensor2D;
}

/** What the heads have in common on all levels. */
export interface Heads {
  /** [outputs] of all heads, side by side */
  readonly bias: tf.Tensor1D;
  /** outputs of each head */
  readonly widths: readonly number[];
}

/**
 * The maps of the heads: bias + Σ over levels of relu(cell · neck + neckBias) · head at each pixel of a patch.
 * @param maps [b, h, w, cin] last map of each level
 * @returns    [b, h·side, w·side, width] of each head
 * @throws RangeError if the neck brings the levels to maps of different sizes
 */
export function levelHeads(
  maps: readonly tf.Tensor4D[],
  levels: readonly LevelHeads[],
  { bias, widths }: Heads,
): tf.Tensor4D[] {
  const sizes = maps.map(({ shape: [, h, w] }, i) => `${h * levels[i].side}×${w * levels[i].side}`);
  if (sizes.some((size) => size !== sizes[0])) {
    const seen = sizes.join(", ");
    throw new RangeError(
      `InferenceNetwork.detect: expected maps of one size to join, got ${seen} (check neck strides)`,
    );
  }
  const fused = backendKernel("PatchHeads");
  if (fused === undefined) {
    return tf.tidy(() => {
      const outputs = tf.addN(maps.map((map, i) => outputsOf(map, levels[i], i === 0 ? bias : undefined)));
      return tf.split<tf.Tensor4D>(outputs, [...widths], 3);
    });
  }
  const inputs = maps.flatMap((cells, i) =>
    Object.entries({ cells, ...tensorsOf(levels[i]) }).map(([name, tensor]) => [`${name}${i}`, tensor]),
  );
  const sides = levels.map(({ side }) => side);
  return fused({ headBias: bias, ...Object.fromEntries(inputs) }, { sides, widths }) as tf.Tensor4D[];
}

function tensorsOf({ neck, neckBias, head }: LevelHeads) {
  return { neck, neckBias, head };
}

/** A level's share of the outputs. */
function outputsOf(x: tf.Tensor4D, { side, neck, neckBias, head }: LevelHeads, bias?: tf.Tensor1D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const outputs = head.shape[1];
  const cells = tf.reshape(x, [batch * height * width, channels]);
  const patches = tf.fused.matMul({ a: cells, b: neck, bias: neckBias, activation: "relu" });
  const pixels = tf.reshape(patches, [batch * height * width * side * side, head.shape[0]]);
  const perPatch = tf.fused.matMul({ a: pixels, b: head, bias }); // [b·h·w·side·side, outputs]
  // Row a of the patches of one line of cells, side by side, is line side·y + a of the result.
  const lines = tf.transpose(tf.reshape(perPatch, [batch * height, width, side, side * outputs]), [0, 2, 1, 3]);
  return tf.reshape(lines, [batch, height * side, width * side, outputs]) as tf.Tensor4D;
}
