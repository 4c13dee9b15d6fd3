import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { kernels } from "simd-kernels";
import { normalSamples, seededRandom } from "test-support/random";
import { registerSimdBackend } from "tfjs-backend-simd";
import { klEntropy, klEntropyGradient, kthNeighbours } from "../src/index.js";
import { authorEntropy, klEntropyPerDimension } from "../src/tfjs/index.js";

// The cases that the README compares with other programs: fastest run of many, in turn with a loop of multiply-adds that
// shows what the machine can do at the same time. Usage: pnpm --filter knn-entropy speed [seconds per case] [PYTHON], the
// latter to run the other programs (peers.py) after them.

interface Case {
  readonly name: string;
  readonly run: () => void;
  /** floating-point operations of all distances as products, 2 N² D; none where a tree avoids them */
  readonly flop?: number;
}

const seconds = Number(process.argv[2] ?? 5);
const { layer, instructionSet, threads } = kernels();
registerSimdBackend();
await tf.setBackend("simd");

const low = { rows: 10_000, dims: 3, k: 4 };
const high = { rows: 4_000, dims: 16, k: 4 };
const [lowSamples, highSamples] = [low, high].map(({ rows, dims }) => normalSamples(seededRandom(1), rows * dims));
const [images, height, width, channels] = [2, 100, 88, 128];
const map = tf.tensor4d(
  Float32Array.from(normalSamples(seededRandom(2), images * height * width * channels), (v) => Math.max(0, v)),
  [images, height, width, channels],
);
const mapFlop = images * 2 * channels ** 2 * height * width;

const forward = (op: (x: tf.Tensor4D) => tf.Scalar) => () => tf.tidy(() => op(map).dataSync()[0]);
const both = (op: (x: tf.Tensor4D) => tf.Scalar) => {
  const gradient = tf.valueAndGrad((x) => op(x as tf.Tensor4D));
  return () =>
    tf.tidy(() => {
      const { value, grad } = gradient(map);
      return value.dataSync()[0] + grad.dataSync()[0];
    });
};

const cases: readonly Case[] = [
  { name: "10000 in R^3, k = 4: k-th neighbours", run: () => kthNeighbours(lowSamples, low) },
  {
    name: "10000 in R^3, k = 4: entropy and gradient",
    run: () => klEntropyGradient(lowSamples, klEntropy(lowSamples, low), low),
  },
  {
    name: "4000 in R^16, k = 4: k-th neighbours",
    run: () => kthNeighbours(highSamples, high),
    flop: 2 * 4000 ** 2 * 16,
  },
  { name: "2 images of 128×8800: kl", run: forward((x) => klEntropyPerDimension(x)), flop: mapFlop },
  { name: "2 images of 128×8800: kl with gradient", run: both((x) => klEntropyPerDimension(x)), flop: mapFlop },
  { name: "2 images of 128×8800: author", run: forward(authorEntropy), flop: mapFlop },
  { name: "2 images of 128×8800: author with gradient", run: both(authorEntropy), flop: mapFlop },
];

/** Multiply-adds that stay in registers: 2 · rounds · length operations. */
const chain = new Float32Array(3072 * threads).fill(1);
const rounds = 8_000;
let peak = 0;

function milliseconds(run: () => void): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}

/** Of all threads of this process so far: what else a busy machine does counts less. */
function processorMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

console.log(`${layer} ${instructionSet}, ${threads} threads, Node ${process.version}`);
console.log("| case | min ms | median ms | processor ms, min | GFLOP/s | of the peak |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const { name, run, flop } of cases) {
  const times: number[] = [];
  let processor = Infinity;
  for (const started = performance.now(); performance.now() - started < 1000 * seconds; ) {
    const before = processorMilliseconds();
    times.push(milliseconds(run));
    processor = Math.min(processor, processorMilliseconds() - before);
    const loop = milliseconds(() => kernels().multiplyAddChain(chain, { rounds, factor: 0.5, addend: 0.5 }));
    peak = Math.max(peak, (2 * rounds * chain.length) / loop / 1e6);
  }
  times.sort((a, b) => a - b);
  const rate = flop === undefined ? undefined : flop / times[0] / 1e6;
  const share = rate === undefined ? "–" : `${((100 * rate) / peak).toFixed(0)} %`;
  const middle = times[times.length >> 1];
  console.log(
    `| ${name} | ${times[0].toFixed(1)} | ${middle.toFixed(1)} | ${processor.toFixed(1)} | ${rate?.toFixed(0) ?? "–"} | ${share} |`,
  );
}
console.log(`peak: ${peak.toFixed(0)} GFLOP/s of multiply-adds, ${threads} threads, in the same run`);

const [, , , python] = process.argv;
if (python !== undefined) {
  const peers = fileURLToPath(new URL("peers.py", import.meta.url));
  console.log("\n| other programs | min ms | median ms |\n| --- | --- | --- |");
  console.log(execFileSync(python, [peers, String(seconds)], { encoding: "utf8" }).trimEnd());
}
