import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { type EntropyLossOptions, EntropyMonitor, entropyLoss, measureEntropies } from "entropy-loss";
import { type TappedModel, tapModel } from "entropy-loss/layers";
import { seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import type { Examples, Task } from "./task.js";

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/** t(0.975; 9): half-width of a 95 % interval in standard errors of ten seeds. */
const STUDENT = 2.262;
const [TRAIN, TEST, BATCH, EPOCHS] = [240, 600, 24, 12];
const ARMS: readonly (readonly [name: string, options: EntropyLossOptions | undefined])[] = [
  ["without", undefined],
  ["L1, weight 1", {}],
  ["L1, weight 10", { l1Weight: 10 }],
  ["L1 10, hinge 0.1", { l1Weight: 10, l2: "hinge", l2Weight: 0.1 }],
];

/**
 * Trains a classifier of a task with and without the Entropy Loss and prints what it learnt. Both arms of a seed share data, first weights
 * and order of batches.
 */
export async function compareArms(task: Task): Promise<void> {
  registerSimdBackend();
  await tf.setBackend("simd");
  const results = ARMS.map(([name, options]) => {
    const runs = SEEDS.map((seed) => {
      const rng = seededRandom(seed);
      const run = train(task, seed, task.draw(TRAIN, task.noise, rng), options);
      return { ...evaluate(task, run, task.draw(TEST, task.noise, rng)), detected: detection(task, run, seed) };
    });
    return { name, runs };
  });
  console.log(`${task.classes.length} ${task.name}, ${TRAIN} to train on, ${TEST} to test on, ${SEEDS.length} seeds`);
  console.log(
    "mean and 95 % interval; of the noise found, mean, least and most; differences from the runs without, by seed",
  );
  console.log("arm               accuracy %           difference              L1       noise found %     difference");
  const [baseline] = results;
  for (const { name, runs } of results) {
    const accuracy = runs.map((run) => run.accuracy);
    const detected = runs.map((run) => run.detected);
    const change = accuracy.map((value, i) => value - baseline.runs[i].accuracy);
    const more = detected.map((value, i) => value - baseline.runs[i].detected);
    const l1 = mean(runs.map((run) => run.l1)).toExponential(2);
    const found = `${mean(detected).toFixed(1)} (${Math.min(...detected)} to ${Math.max(...detected)})`;
    console.log(
      `${name.padEnd(18)}${interval(accuracy).padEnd(21)}${interval(change).padEnd(24)}${l1.padEnd(9)}${found.padEnd(18)}${interval(more)}`,
    );
  }
}

/** Four convolutions of one shape, which are the taps, then the mean over all positions and a linear classifier. */
function makeModel({ shape, kernel, classes }: Task, seed: number): layers.LayersModel {
  const convolution = (i: number) =>
    layers.layers.conv2d({
      name: `conv${i}`,
      filters: 16,
      kernelSize: [...kernel],
      padding: "same",
      activation: "relu",
      kernelInitializer: layers.initializers.heNormal({ seed: 10 * seed + i }),
      inputShape: i === 1 ? [...shape, 1] : undefined,
    });
  const classify = layers.layers.dense({
    units: classes.length,
    kernelInitializer: layers.initializers.glorotNormal({ seed: 10 * seed }),
  });
  return layers.sequential({
    layers: [...[1, 2, 3, 4].map(convolution), layers.layers.globalAveragePooling2d({}), classify],
  });
}

function batchOf(
  { shape, classes }: Task,
  { inputs, labels }: Examples,
  order: readonly number[],
): [tf.Tensor4D, tf.Tensor2D] {
  const size = shape[0] * shape[1];
  const values = order.flatMap((n) => [...inputs.subarray(n * size, (n + 1) * size)]);
  const hot = order.map((n) => classes.map((_, i) => (labels[n] === i ? 1 : 0)));
  return [tf.tensor4d(values, [order.length, ...shape, 1]), tf.tensor2d(hot)];
}

function shuffled(length: number, rng: () => number): number[] {
  const keys = Array.from({ length }, (_, i) => [rng(), i] as const);
  return keys.sort(([a], [b]) => a - b).map(([, i]) => i);
}

/** Trains by Adam and gives the tapped model. */
function train(task: Task, seed: number, data: Examples, options: EntropyLossOptions | undefined): TappedModel {
  const run = tapModel(makeModel(task, seed), { blocks: [["conv1", "conv2", "conv3", "conv4"]] });
  const rng = seededRandom(1000 + seed);
  const optimizer = tf.train.adam(3e-3);
  for (let step = 0; step < (EPOCHS * TRAIN) / BATCH; step++) {
    const order = shuffled(TRAIN, rng).slice(0, BATCH);
    tf.tidy(() => {
      const [x, y] = batchOf(task, data, order);
      optimizer.minimize(() => {
        const { outputs, taps } = run(x, { training: true });
        const loss = tf.losses.softmaxCrossEntropy(y, outputs[0]) as tf.Scalar;
        return options ? (tf.add(loss, entropyLoss(taps, options).loss) as tf.Scalar) : loss;
      });
    });
  }
  return run;
}

/** Share of right answers in percent, and L1 over all examples. */
function evaluate(task: Task, run: TappedModel, data: Examples): { accuracy: number; l1: number } {
  return tf.tidy(() => {
    const [x] = batchOf(task, data, [...data.labels.keys()]);
    const { outputs, taps } = run(x);
    const guesses = tf.argMax(outputs[0], 1).dataSync();
    const right = guesses.filter((guess, n) => guess === data.labels[n]).length;
    return { accuracy: (100 * right) / data.labels.length, l1: entropyLoss(taps).profile.l1.dataSync()[0] };
  });
}

/** Share of noisier examples whose entropies leave the range of usual ones, at 5 % false alarms. */
function detection(task: Task, run: TappedModel, seed: number): number {
  const rng = seededRandom(5000 + seed);
  const entropies = (noise: number) =>
    tf.tidy(() => measureEntropies(run(batchOf(task, task.draw(1, noise, rng), [0])[0]).taps));
  const monitor = new EntropyMonitor();
  for (let n = 0; n < 100; n++) monitor.observe(entropies(task.noise));
  const score = (noise: number) => Array.from({ length: 100 }, () => monitor.score(entropies(noise)).deviation);
  const threshold = EntropyMonitor.threshold(score(task.noise), { falseAlarmRate: 0.05 });
  return score(2 * task.noise).filter((value) => value > threshold).length;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** `42.0 (39.1 to 44.9)` */
function interval(values: readonly number[]): string {
  const middle = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
  const half = STUDENT * Math.sqrt(variance / values.length);
  return `${middle.toFixed(1)} (${(middle - half).toFixed(1)} to ${(middle + half).toFixed(1)})`;
}
