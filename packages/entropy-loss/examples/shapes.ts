/**
 * A small classifier of noisy shapes, trained with and without the Entropy Loss: does the idea carry over from detectors?
 * Both arms of a seed share data, first weights and order of batches. Run with `pnpm --filter entropy-loss example`.
 */
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { type EntropyLossOptions, EntropyMonitor, entropyLoss, measureEntropies } from "entropy-loss";
import { type TappedModel, tapModel } from "entropy-loss/layers";
import { seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { drawShapes, SHAPES, type ShapeImages, SIDE } from "./shapes-data.js";

const SEEDS = [1, 2, 3, 4, 5];
const [TRAIN, TEST, BATCH, EPOCHS, NOISE] = [240, 600, 24, 12, 0.35];
const ARMS: readonly (readonly [name: string, options: EntropyLossOptions | undefined])[] = [
  ["without", undefined],
  ["L1, weight 1", {}],
  ["L1, weight 10", { l1Weight: 10 }],
  ["L1 + hinge L2", { l1Weight: 10, l2: "hinge", l2Weight: 0.1 }],
];

registerSimdBackend();
await tf.setBackend("simd");

/** Four convolutions of one shape, which are the taps, then the mean over the image and a linear classifier. */
function makeModel(seed: number): layers.LayersModel {
  const convolution = (i: number) =>
    layers.layers.conv2d({
      name: `conv${i}`,
      filters: 16,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      kernelInitializer: layers.initializers.heNormal({ seed: 10 * seed + i }),
      inputShape: i === 1 ? [SIDE, SIDE, 1] : undefined,
    });
  const classify = layers.layers.dense({
    units: SHAPES.length,
    kernelInitializer: layers.initializers.glorotNormal({ seed: 10 * seed }),
  });
  return layers.sequential({
    layers: [...[1, 2, 3, 4].map(convolution), layers.layers.globalAveragePooling2d({}), classify],
  });
}

function batchOf({ images, labels }: ShapeImages, order: readonly number[]): [tf.Tensor4D, tf.Tensor2D] {
  const pixels = order.flatMap((n) => [...images.subarray(n * SIDE * SIDE, (n + 1) * SIDE * SIDE)]);
  const hot = order.map((n) => SHAPES.map((_, shape) => (labels[n] === shape ? 1 : 0)));
  return [tf.tensor4d(pixels, [order.length, SIDE, SIDE, 1]), tf.tensor2d(hot)];
}

function shuffled(length: number, rng: () => number): number[] {
  const keys = Array.from({ length }, (_, i) => [rng(), i] as const);
  return keys.sort(([a], [b]) => a - b).map(([, i]) => i);
}

/** Trains by Adam and gives the tapped model. */
function train(seed: number, data: ShapeImages, options: EntropyLossOptions | undefined): TappedModel {
  const run = tapModel(makeModel(seed), { blocks: [["conv1", "conv2", "conv3", "conv4"]] });
  const rng = seededRandom(1000 + seed);
  const optimizer = tf.train.adam(3e-3);
  for (let step = 0; step < (EPOCHS * TRAIN) / BATCH; step++) {
    const order = shuffled(TRAIN, rng).slice(0, BATCH);
    tf.tidy(() => {
      const [x, y] = batchOf(data, order);
      optimizer.minimize(() => {
        const { outputs, taps } = run(x, { training: true });
        const task = tf.losses.softmaxCrossEntropy(y, outputs[0]) as tf.Scalar;
        return options ? (tf.add(task, entropyLoss(taps, options).loss) as tf.Scalar) : task;
      });
    });
  }
  return run;
}

/** Share of right answers in percent, and L1 over all images. */
function evaluate(run: TappedModel, data: ShapeImages): { accuracy: number; l1: number } {
  return tf.tidy(() => {
    const [x] = batchOf(data, [...data.labels.keys()]);
    const { outputs, taps } = run(x);
    const guesses = tf.argMax(outputs[0], 1).dataSync();
    const right = guesses.filter((guess, n) => guess === data.labels[n]).length;
    return { accuracy: (100 * right) / data.labels.length, l1: entropyLoss(taps).profile.l1.dataSync()[0] };
  });
}

/** Share of noisier images whose entropies leave the range of clean ones, at 5 % false alarms. */
function detection(run: TappedModel, seed: number): number {
  const rng = seededRandom(5000 + seed);
  const entropies = (noise: number) =>
    tf.tidy(() => measureEntropies(run(batchOf(drawShapes(1, noise, rng), [0])[0]).taps));
  const monitor = new EntropyMonitor();
  for (let n = 0; n < 100; n++) monitor.observe(entropies(NOISE));
  const score = (noise: number) => Array.from({ length: 100 }, () => monitor.score(entropies(noise)).deviation);
  const threshold = EntropyMonitor.threshold(score(NOISE), { falseAlarmRate: 0.05 });
  return score(2 * NOISE).filter((value) => value > threshold).length;
}

const results = ARMS.map(([name, options]) => {
  const runs = SEEDS.map((seed) => {
    const rng = seededRandom(seed);
    const run = train(seed, drawShapes(TRAIN, NOISE, rng), options);
    return { ...evaluate(run, drawShapes(TEST, NOISE, rng)), detected: detection(run, seed) };
  });
  return { name, runs };
});

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)) * (values.length / (values.length - 1)));
const [baseline] = results;

console.log(
  `${SHAPES.length} shapes, ${TRAIN} training images, ${TEST} test images, ${SEEDS.length} seeds, mean ± deviation`,
);
console.log("arm            accuracy %     paired difference  L1        doubled noise found %");
for (const { name, runs } of results) {
  const accuracy = runs.map((run) => run.accuracy);
  const change = accuracy.map((value, i) => value - baseline.runs[i].accuracy);
  const spread = (values: readonly number[]) => `${mean(values).toFixed(1)} ± ${deviation(values).toFixed(1)}`;
  const l1 = mean(runs.map((run) => run.l1)).toExponential(2);
  const found = spread(runs.map((run) => run.detected));
  console.log(`${name.padEnd(15)}${spread(accuracy).padEnd(15)}${spread(change).padEnd(19)}${l1.padEnd(10)}${found}`);
}
