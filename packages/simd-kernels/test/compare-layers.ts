// A program for machines that have the packages but not this repository's tools: every operation and some large ones on the native
// layer against the TypeScript one. Prints what the bits of each result hash to. `pnpm build:platforms` bundles it.
import { createHash } from "node:crypto";
import { type Kernels, loadKernels, type Operations } from "simd-kernels";
import { randomFloats, seededRandom } from "test-support/random";
import { randomIntegers } from "./arrays.js";
import { meaningfulLengths, sampleCalls } from "./sample-calls.js";

type Call = readonly [name: keyof Operations, args: readonly unknown[]];

/** Large enough for every tile, its edges and the threads. */
function largeCalls(): Call[] {
  const rng = seededRandom(11);
  const floats = (length: number) => randomFloats(rng, length);
  const side = { inHeight: 37, inWidth: 41, outHeight: 37, outWidth: 41 };
  const conv = {
    ...{ batch: 1, ...side, inChannels: 24, outChannels: 40, filterHeight: 3, filterWidth: 3 },
    ...{ strideHeight: 1, strideWidth: 1, padTop: 1, padLeft: 1, dilationHeight: 1, dilationWidth: 1 },
  };
  const [pixels, taps] = [37 * 41, 9 * 24 * 40];
  const [cells, pairs, cin, cout] = [500, 700, 20, 33];
  const map = {
    ...{ taps: 2, starts: Int32Array.of(0, 300, pairs) },
    ...{ inputs: randomIntegers(rng, pairs, 0, cells), outputs: randomIntegers(rng, pairs, 0, cells) },
  };
  const mapped = { map, inRows: cells, outRows: cells, cin, cout };
  return [
    ["gemm", [floats(131 * 200), floats(200 * 97), floats(131 * 97), { m: 131, n: 97, k: 200 }]],
    ["conv2d", [floats(pixels * 24), floats(taps), floats(pixels * 40), conv]],
    ["conv2dInputGradient", [floats(pixels * 40), floats(taps), floats(pixels * 24), conv]],
    ["conv2dFilterGradient", [floats(pixels * 24), floats(pixels * 40), floats(taps), conv]],
    ["mappedGemm", [floats(cells * cin), floats(2 * cin * cout), floats(cells * cout), mapped]],
    ["mappedGemmWeightGradient", [floats(cells * cin), floats(cells * cout), floats(2 * cin * cout), mapped]],
    ["reduce", [floats(300 * 70), floats(70), { operation: "sum", outer: 300, inner: 70, axis: "outer" }]],
  ];
}

/** Every array among the arguments, by name or place, as the call left it. */
function arraysAfter(kernels: Kernels, [name, args]: Call): Map<string, ArrayLike<number> & ArrayBufferView> {
  const copies = structuredClone(args);
  (kernels[name] as (...args: unknown[]) => void)(...copies);
  const arrays = new Map<string, ArrayLike<number> & ArrayBufferView>();
  const collect = (value: unknown, key: string) => {
    if (ArrayBuffer.isView(value)) arrays.set(key, value as never);
    else if (typeof value === "object" && value !== null)
      for (const [inner, each] of Object.entries(value)) collect(each, inner);
  };
  copies.forEach((each, i) => {
    collect(each, String(i));
  });
  return arrays;
}

const [native, plain] = [loadKernels("native"), loadKernels("typescript")];
const all = createHash("sha256");
let worst = 0;
for (const call of [...Object.entries(sampleCalls()), ...largeCalls()] as Call[]) {
  const [name] = call;
  const [given, expected] = [arraysAfter(native, call), arraysAfter(plain, call)];
  const lengths = meaningfulLengths(Object.fromEntries(expected) as never);
  const hash = createHash("sha256");
  for (const [key, wanted] of expected) {
    const got = given.get(key)!;
    const length = lengths[key] ?? wanted.length;
    const scale = Array.from(wanted).reduce((most, x) => Math.max(most, Number.isFinite(x) ? Math.abs(x) : 0), 1e-30);
    for (let i = 0; i < length; i++) {
      const off = Object.is(got[i], wanted[i]) ? 0 : Math.abs(got[i] - wanted[i]) / scale;
      worst = Math.max(worst, off);
      // Sums of some hundred float32 products, in another order.
      if (!(off <= 1e-5)) throw new Error(`${name}: ${key}[${i}] is ${got[i]}, the plain layer has ${wanted[i]}`);
    }
    hash.update(new Uint8Array(got.buffer, got.byteOffset, (length * got.byteLength) / Math.max(1, got.length)));
  }
  const digest = hash.digest("hex").slice(0, 12);
  all.update(digest);
  console.log(`${name} ${digest}`);
}
const { instructionSet, threads } = native;
console.log(
  `${process.platform}-${process.arch} ${instructionSet}, ${threads} threads: within ${worst.toExponential(1)} of the plain layer; ` +
    `bits ${all.digest("hex").slice(0, 12)}`,
);
