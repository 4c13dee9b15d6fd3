import * as tf from "@tensorflow/tfjs-core";
import type { Tap } from "entropy-loss";

/**
 * A feature map each channel of which is moved around by a random number of positions: value p of it becomes value p + offset, the
 * last ones come first again. What a channel holds stays, so do its norm and its distribution; where it is high while another one is
 * becomes chance, and with it the distances between channels that an entropy is estimated from. Differentiable: the gradient is
 * moved back.
 * @param x   [B, H, W, C] float32
 * @param rng uniform numbers in [0, 1)
 * @throws RangeError for another rank
 */
export function shuffledTap(x: Tap, rng: () => number): tf.Tensor4D {
  if (x.rank !== 4) throw new RangeError(`shuffledTap: expected [B,H,W,C] for x, got [${x.shape}]`);
  const [batch, height, width, channels] = x.shape as tf.Tensor4D["shape"];
  const positions = height * width;
  const offsets = Int32Array.from({ length: batch * channels }, () => Math.floor(rng() * positions));
  const moved = (from: tf.Tensor, direction: 1 | -1) => {
    const values = from.dataSync<"float32">();
    const out = new Float32Array(values.length);
    for (let b = 0; b < batch; b++) {
      const image = b * positions * channels;
      for (let c = 0; c < channels; c++) {
        const offset = offsets[b * channels + c];
        let to = direction === 1 ? offset : (positions - offset) % positions;
        for (let p = 0; p < positions; p++) {
          out[image + to * channels + c] = values[image + p * channels + c];
          to = to + 1 === positions ? 0 : to + 1;
        }
      }
    }
    return tf.tensor4d(out, [batch, height, width, channels]);
  };
  const op = tf.customGrad((input) => ({
    value: moved(input as tf.Tensor, 1),
    gradFunc: (outGradient: tf.Tensor) => moved(outGradient, -1),
  }));
  return op(x) as tf.Tensor4D;
}
