import * as tf from "@tensorflow/tfjs-core";
import { registerSimdBackend } from "tfjs-backend-simd";
import { bench, describe } from "vitest";
import { entropyLoss } from "../src/index.js";

registerSimdBackend();
await tf.setBackend("simd");

/** The taps of a small SECOND: two blocks of four layers, batch 2. */
const shapes: [number, number, number, number][] = [
  [2, 48, 48, 64],
  [2, 24, 24, 128],
];
const taps = shapes.map((shape, block) =>
  Array.from(
    { length: 4 },
    (_, tap) => tf.relu(tf.randomNormal(shape, 0, 1, "float32", 10 * block + tap)) as tf.Tensor4D,
  ),
);
const { loss } = entropyLoss(taps);
const [value] = loss.dataSync();
if (!(value > 0 && value < 1)) throw new Error(`expected a small positive loss, got ${value}`);

describe("two blocks of four taps, backend simd", () => {
  bench("loss", () => {
    tf.tidy(() => {
      entropyLoss(taps).loss.dataSync();
    });
  });
  bench("loss and gradient", () => {
    const gradients = tf.grads((...xs) => {
      const maps = xs as tf.Tensor4D[];
      return entropyLoss([maps.slice(0, 4), maps.slice(4)]).loss;
    })(taps.flat());
    for (const gradient of gradients) gradient.dataSync();
    tf.dispose(gradients);
  });
});
