import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { randomFloats, seededRandom } from "test-support";
import { registerSimdBackend } from "tfjs-backend-simd";
import { bench, describe } from "vitest";
import {
  buildStridedRulebook,
  buildSubmanifoldRulebook,
  maxPoolRows,
  type Rulebook,
  sparseConvolution,
  type Triple,
  toBev,
} from "../src/index.js";

const BATCH = 1;
const SHAPE: Triple = [41, 1600, 1408];
const WINDOW = { kernel: [3, 3, 3], stride: [2, 2, 2], padding: [1, 1, 1] } as const;

registerSimdBackend();
const rng = seededRandom(1);
const surface = surfaces(16_000);
const scattered = scatteredSites(16_000);
const submanifold = buildSubmanifoldRulebook(surface, { shape: SHAPE, batchSize: BATCH, kernel: [3, 3, 3] });
const strided = buildStridedRulebook(surface, { shape: SHAPE, batchSize: BATCH, ...WINDOW });
checkRulebook(submanifold);
checkRulebook(strided);

for (const [name, coords] of Object.entries({ "on surfaces": surface, "far apart": scattered })) {
  describe(`rulebooks of 16 000 sites ${name}`, () => {
    const options = { shape: SHAPE, batchSize: BATCH, kernel: [3, 3, 3] } as const;
    bench("submanifold 3x3x3", () => void buildSubmanifoldRulebook(coords, options));
    bench("strided 3x3x3 / 2", () => void buildStridedRulebook(coords, { ...options, ...WINDOW }));
  });
}

for (const [name, rulebook, cin, cout] of [
  ["submanifold 16 -> 16", submanifold, 16, 16],
  ["submanifold 64 -> 64", submanifold, 64, 64],
  ["strided 16 -> 32", strided, 16, 32],
] as const) {
  const x = randomFloats(rng, rulebook.inRows * cin);
  const w = randomFloats(rng, 27 * cin * cout);
  const dy = randomFloats(rng, rulebook.outRows * cout);
  const convolve = (a: tf.Tensor, b: tf.Tensor) =>
    sparseConvolution(a as tf.Tensor2D, b as tf.Tensor5D, rulebook) as tf.Tensor;
  describe(`${name} channels, ${rulebook.map.inputs.length} pairs`, () => {
    const results: Float32Array[] = [];
    for (const backend of ["simd", "cpu"]) {
      tf.setBackend(backend);
      const inputs = [tf.tensor2d(x, [rulebook.inRows, cin]), tf.tensor(w, [3, 3, 3, cin, cout])];
      const outGradient = tf.tensor2d(dy, [rulebook.outRows, cout]);
      results.push(convolve(inputs[0], inputs[1]).dataSync<"float32">());
      const options = optionsOf(backend);
      bench(`${backend}: forward`, () => tf.tidy(() => void convolve(inputs[0], inputs[1])), options);
      bench(
        `${backend}: forward and both gradients`,
        () => tf.tidy(() => void tf.grads(convolve)(inputs, outGradient)),
        options,
      );
    }
    const worst = results[0].reduce((most, value, i) => Math.max(most, Math.abs(value - results[1][i])), 0);
    if (!(worst < 1e-4)) throw new Error(`${name}: simd and cpu differ by ${worst}`);
  });
}

describe("max pooling 3x3x3 / 2 of 16 channels", () => {
  const values = randomFloats(rng, strided.inRows * 16);
  const results: number[] = [];
  for (const backend of ["simd", "cpu"]) {
    tf.setBackend(backend);
    const x = tf.tensor2d(values, [strided.inRows, 16]);
    const pool = (a: tf.Tensor) => maxPoolRows(a as tf.Tensor2D, strided);
    results.push(tf.tidy(() => tf.sum(tf.abs(pool(x))).dataSync()[0]));
    const options = optionsOf(backend);
    bench(`${backend}: forward and gradient`, () => tf.tidy(() => void tf.grad(pool)(x)), options);
  }
  if (Math.abs(results[0] / results[1] - 1) > 1e-5) throw new Error(`max pooling: simd and cpu differ, ${results}`);
});

describe.each([
  { shape: [2, 48, 48] as Triple, batchSize: 2, channels: 64, rows: 3000 },
  { shape: [2, 200, 176] as Triple, batchSize: 1, channels: 128, rows: 16_000 },
])("bird's-eye-view map, %j", ({ shape, batchSize, channels, rows }) => {
  const cells = batchSize * shape[0] * shape[1] * shape[2];
  const coords = new Int32Array(4 * rows);
  for (let row = 0; row < rows; row++) coords.set(siteOf(row * Math.floor(cells / rows), shape), 4 * row);
  const values = randomFloats(rng, rows * channels);
  const results: number[] = [];
  for (const backend of ["simd", "cpu"]) {
    tf.setBackend(backend);
    const x = tf.tensor2d(values, [rows, channels]);
    const bev = (a: tf.Tensor) => toBev({ features: a as tf.Tensor2D, coords, shape, batchSize });
    results.push(tf.tidy(() => tf.sum(tf.abs(bev(x))).dataSync()[0]));
    const options = optionsOf(backend);
    bench(`${backend}: forward`, () => tf.tidy(() => void bev(x)), options);
    bench(`${backend}: forward and gradient`, () => tf.tidy(() => void tf.grad(bev)(x)), options);
  }
  if (Math.abs(results[0] / results[1] - 1) > 1e-4) throw new Error(`toBev: simd and cpu differ, ${results}`);
});

/** Fused on `simd`; `cpu` runs the stock operations, too slow for more than a few rounds. */
function optionsOf(backend: string) {
  const setup = () => void tf.setBackend(backend);
  return backend === "simd" ? { setup } : { setup, iterations: 2, time: 0, warmupIterations: 1, warmupTime: 0 };
}

/** Patches of 8 by 8 cells on three layers, as ground and walls in a scan: some ten pairs per site. */
function surfaces(count: number): Int32Array {
  const random = seededRandom(2);
  const sites = new Map<string, number[]>();
  while (sites.size < count) {
    const [y0, x0] = [Math.floor(random() * (SHAPE[1] - 8)), Math.floor(random() * (SHAPE[2] - 8))];
    for (let i = 0; i < 60 && sites.size < count; i++) {
      const site = [0, 12 + Math.floor(3 * random()), y0 + Math.floor(8 * random()), x0 + Math.floor(8 * random())];
      sites.set(site.join(), site);
    }
  }
  return Int32Array.from([...sites.values()].flat());
}

/** Sites that hardly ever touch: nothing but misses. */
function scatteredSites(count: number): Int32Array {
  const random = seededRandom(3);
  const sites = new Map<string, number[]>();
  while (sites.size < count) {
    const site = [0, ...SHAPE.map((cells) => Math.floor(cells * random()))];
    sites.set(site.join(), site);
  }
  return Int32Array.from([...sites.values()].flat());
}

function siteOf(cell: number, [depth, height, width]: Triple): number[] {
  const line = Math.floor(cell / width);
  const layer = Math.floor(line / height);
  return [Math.floor(layer / depth), layer % depth, line % height, cell % width];
}

/** Every pair must join sites that lie as far apart as its tap says; sites are found again by a Map. */
function checkRulebook(rulebook: Rulebook): void {
  const { starts, inputs, outputs, taps } = rulebook.map;
  const scale = rulebook === strided ? 2 : 1;
  const known = new Map<string, number>();
  for (let row = 0; row < surface.length / 4; row++) known.set(surface.subarray(4 * row, 4 * row + 4).join(), row);
  let expected = 0;
  for (let tap = 0; tap < taps; tap++) {
    const offset = [Math.floor(tap / 9) - 1, (Math.floor(tap / 3) % 3) - 1, (tap % 3) - 1];
    for (let row = 0; row < rulebook.outRows; row++) {
      const site = rulebook.outputCoords.subarray(4 * row + 1, 4 * row + 4);
      if (known.has([0, ...offset.map((step, axis) => site[axis] * scale + step)].join())) expected++;
    }
    for (let pair = starts[tap]; pair < starts[tap + 1]; pair++) {
      const site = rulebook.outputCoords.subarray(4 * outputs[pair] + 1, 4 * outputs[pair] + 4);
      const wanted = [0, ...offset.map((step, axis) => site[axis] * scale + step)].join();
      if (known.get(wanted) !== inputs[pair]) throw new Error(`rulebook: pair ${pair} of tap ${tap} joins other sites`);
    }
  }
  if (expected !== inputs.length) throw new Error(`rulebook: expected ${expected} pairs, got ${inputs.length}`);
}
