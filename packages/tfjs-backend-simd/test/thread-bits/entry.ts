import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs-core";
import { seededRandom } from "test-support/random";
import { registerSimdBackend, simdReport } from "../../src/index.js";
import { convNet, convNetShapes } from "../conv-net.js";
import { randomPlain } from "../on-backend.js";

// Prints the layer, its threads and a hash of every bit of results and gradients, large enough to be shared by threads.
registerSimdBackend();
await tf.setBackend("simd");
const rng = seededRandom(11);
const hash = createHash("sha256");
const add = (tensor: tf.Tensor) => hash.update(new Uint8Array(Float32Array.from(tensor.dataSync()).buffer));
const random = (shape: readonly number[]) => tf.tensor(randomPlain(rng, shape).values, [...shape]);

const shapes = convNetShapes.map((shape, i) => (i === 0 ? [2, 48, 64, 3] : [...shape]));
const { value, grads } = tf.valueAndGrads(convNet)(shapes.map(random));
for (const tensor of [value, ...grads]) add(tensor);

const big = random([700, 300]);
add(tf.matMul(big, big, true, false));
add(tf.sum(big));
add(tf.sum(big, 0));
add(tf.mean(big, 1));
add(tf.softmax(big));
add(
  tf.unsortedSegmentSum(
    big,
    tf.tensor1d(
      Int32Array.from({ length: 700 }, (_, i) => (i * 7) % 40),
      "int32",
    ),
    40,
  ),
);

const { layer, threads } = simdReport();
console.log(JSON.stringify({ layer, threads, hash: hash.digest("hex") }));
