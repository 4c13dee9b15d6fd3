import { randomFloats, seededRandom } from "test-support";
import { bench, describe } from "vitest";
import { type Conv2dShape, type Kernels, loadKernels, type MappedGemmOptions } from "../src/index.js";
import { tryLayer } from "../test/layers.js";

// Products that dominate a training step of a sparse-convolution detector, on every layer that loads here.
// GFLOP/s = operations per call (in the name) × hz / 1e9.

const candidates: readonly (readonly [string, Kernels | string])[] = [
  ["native, 1 thread", tryLayer("native", { threads: 1 })],
  ["native, all threads", tryLayer("native")],
  ["wasm", tryLayer("wasm")],
  ["typescript", tryLayer("typescript")],
];
const reference = loadKernels("typescript");
const settings = { time: 300, warmupTime: 50, warmupIterations: 1, iterations: 2 };

/** One suite: checks each layer against the TypeScript twin, then times it. */
function suite(
  name: string,
  operations: number,
  length: number,
  run: (kernels: Kernels, out: Float32Array) => void,
): void {
  describe(`${name}, ${(operations / 1e9).toFixed(3)} GFLOP`, () => {
    const expected = new Float32Array(length);
    run(reference, expected);
    const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    for (const [label, kernels] of candidates) {
      if (typeof kernels === "string") {
        bench.skip(`${label} [skipped: ${kernels}]`, () => {});
        continue;
      }
      const out = new Float32Array(length);
      run(kernels, out);
      for (let i = 0; i < length; i++) {
        if (!(Math.abs(out[i] - expected[i]) <= 1e-4 * largest)) throw new Error(`${name}, ${label}: wrong at ${i}`);
      }
      bench(label, () => run(kernels, out), settings);
    }
  });
}

const rng = seededRandom(1);

for (const [m, n, k] of [
  [20_000, 64, 64],
  [512, 512, 512],
]) {
  const [a, b] = [randomFloats(rng, m * k), randomFloats(rng, k * n)];
  suite(`gemm ${m}×${n}×${k}`, 2 * m * n * k, m * n, (kernels, out) => kernels.gemm(a, b, out, { m, n, k }));
}

for (const channels of [64, 16]) {
  const rows = 20_000;
  const inputs = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % rows); // as scattered as it gets
  const outputs = Int32Array.from({ length: rows }, (_, i) => i);
  const map = { taps: 1, starts: Int32Array.of(0, rows), inputs, outputs };
  const options: MappedGemmOptions = { map, inRows: rows, outRows: rows, cin: channels, cout: channels };
  const [x, w, y] = [rows * channels, channels ** 2, rows * channels].map((length) => randomFloats(rng, length));
  const operations = 2 * rows * channels ** 2;
  const name = `${rows}×${channels}×${channels}`;
  suite(`mappedGemm ${name}`, operations, x.length, (kernels, out) => kernels.mappedGemm(x, w, out, options));
  suite(`mappedGemmInputGradient ${name}`, operations, x.length, (kernels, out) =>
    kernels.mappedGemmInputGradient(y, w, out, options),
  );
  suite(`mappedGemmWeightGradient ${name}`, operations, w.length, (kernels, out) =>
    kernels.mappedGemmWeightGradient(x, y, out, options),
  );
}

const shape: Conv2dShape = {
  batch: 1,
  inHeight: 100,
  inWidth: 88,
  inChannels: 128,
  outHeight: 100,
  outWidth: 88,
  outChannels: 128,
  filterHeight: 3,
  filterWidth: 3,
  strideHeight: 1,
  strideWidth: 1,
  padTop: 1,
  padLeft: 1,
  dilationHeight: 1,
  dilationWidth: 1,
};
const [image, filter, gradient] = [8800 * 128, 9 * 128 * 128, 8800 * 128].map((length) => randomFloats(rng, length));
const operations = 2 * 8800 * 9 * 128 * 128;
suite("conv2d 3×3 [1,100,88,128]→128", operations, gradient.length, (kernels, out) =>
  kernels.conv2d(image, filter, out, shape),
);
suite("conv2dInputGradient, same", operations, image.length, (kernels, out) =>
  kernels.conv2dInputGradient(gradient, filter, out, shape),
);
suite("conv2dFilterGradient, same", operations, filter.length, (kernels, out) =>
  kernels.conv2dFilterGradient(image, gradient, out, shape),
);

const [rows, dims] = [128, 8800];
const points = randomFloats(rng, rows * dims);
suite(`rowPairDistances ${rows}×${dims}`, 2 * rows * rows * dims, rows * rows, (kernels, out) =>
  kernels.rowPairDistances(points, out, { rows, dims }),
);
