import { type Kernels, type Layer, loadKernels } from "simd-kernels";
import { randomArrays } from "./arrays.js";
import type { KernelBench, KernelResult, PreparedKernel, Work } from "./kernel-bench.js";
import type { Limit, MachineLimits } from "./machine-limits.js";
import { fastestInTurn, rateOf, secondsOf } from "./measure.js";
import type { KernelFigures, LayerFigure } from "./report.js";

/** Work beyond which plain TypeScript takes too long. */
const MOST_TYPESCRIPT_FLOP = 3e9;
/** Kernels that are bound by memory run on one set of arrays after another, as many as fill this: none is in a cache. */
const COLD_BYTES = 128e6;
/** Largest difference between layers, relative to the largest value: sums of thousands of products, in float32. */
const TOLERANCE = 1e-4;

/** What a run of the table needs. */
export interface KernelRunOptions {
  readonly layers: readonly Layer[];
  /** of the native layer */
  readonly threads: number;
  readonly quick: boolean;
  /** what the rows are compared with, on one thread and on all */
  readonly limits: { readonly one: MachineLimits; readonly all: MachineLimits };
  /** told before each row */
  readonly onRow?: (name: string) => void;
}

/** Measures every row on every layer, each in turn with the limit that it is compared with. */
export function runKernels(benches: readonly KernelBench[], options: KernelRunOptions): KernelFigures[] {
  const candidates = options.layers.map((layer) => ({ layer, ...openLayer(layer, options) }));
  const { limits } = options;
  return benches.map((bench) => {
    options.onRow?.(bench.name);
    const layers: Partial<Record<Layer, LayerFigure>> = {};
    let expected: KernelResult | undefined;
    for (const { layer, one, all, reason } of candidates) {
      const kernels = bench.threads === "one" ? one : all;
      if (!kernels) {
        layers[layer] = { skipped: reason };
      } else if (bench.precision === "bfloat16" && !kernels.multipliesBfloat16) {
        layers[layer] = { skipped: "no instructions for bfloat16" };
      } else if (layer === "typescript" && "flop" in bench.work && bench.work.flop > MOST_TYPESCRIPT_FLOP) {
        layers[layer] = { skipped: "would take too long" };
      } else {
        const measured = measureKernel(bench, kernels, {
          limits: kernels.threads > 1 ? limits.all : limits.one,
          quick: options.quick,
        });
        expected = checkSame(expected, measured.result, `${bench.name} on ${layer}`);
        layers[layer] = measured.figure;
      }
    }
    const threads = bench.threads === "one" ? 1 : options.threads;
    return { name: bench.name, unit: unitOf(bench.work), threads, goals: bench.goals ?? {}, layers };
  });
}

function measureKernel(
  bench: KernelBench,
  kernels: Kernels,
  { limits, quick }: { readonly limits: MachineLimits; readonly quick: boolean },
): { readonly figure: LayerFigure; readonly result: KernelResult } {
  const limit = "bytes" in bench.work ? limits.bytes : limitOfProducts(bench, limits);
  const { clock } = limits;
  const copies = "bytes" in bench.work && !quick ? Math.max(1, Math.ceil(COLD_BYTES / bench.work.bytes)) : 1;
  const prepared = Array.from({ length: copies }, () => bench.prepare(randomArrays(1, kernels.createArray)));
  // Once each, so that all memory is there before anything is timed.
  const [first] = prepared.map((one) => secondsOf(() => one.run(kernels)));
  const result = prepared[0].out.slice();
  const milliseconds = quick ? 5 : 500;
  const slow = 1000 * first > milliseconds;
  // A slow kernel has a single turn: the limit gets some more.
  const extra = slow ? [limit.run, limit.run, limit.run] : [];
  const candidates = [inTurn(prepared, kernels), limit.run, ...extra];
  const [seconds, ...limitTimes] = fastestInTurn(candidates, { milliseconds, rounds: slow ? 1 : 5, clock });
  const limitSeconds = Math.min(...limitTimes);
  limit.fastest = Math.min(limit.fastest, limitSeconds);
  const rate = rateOf(bench.work, seconds);
  const percent = (100 * rate) / rateOf(limit.work, limitSeconds);
  return { figure: { rate, percent, milliseconds: 1000 * seconds }, result };
}

function limitOfProducts({ precision, name }: KernelBench, { flop, bfloat16 }: MachineLimits): Limit {
  if (precision !== "bfloat16") return flop;
  if (bfloat16) return bfloat16;
  throw new Error(`internal: ${name} without a limit of bfloat16`);
}

/** Runs the next of the prepared kernels at each call. */
function inTurn(prepared: readonly PreparedKernel[], kernels: Kernels): () => void {
  let next = 0;
  return () => {
    prepared[next].run(kernels);
    next = (next + 1) % prepared.length;
  };
}

function checkSame(expected: KernelResult | undefined, result: KernelResult, label: string): KernelResult {
  if (!expected) return result;
  let largest = 0;
  for (const value of expected) largest = Math.max(largest, Math.abs(value));
  for (let i = 0; i < result.length; i++) {
    if (!(Math.abs(result[i] - expected[i]) <= TOLERANCE * largest)) {
      throw new Error(`${label}: expected ${expected[i]} at ${i} as on the layer before, got ${result[i]}`);
    }
  }
  return expected;
}

/** A layer with one thread and with all, or why there is none. */
function openLayer(layer: Layer, { threads }: { readonly threads: number }) {
  try {
    return { one: loadKernels(layer, { threads: 1 }), all: loadKernels(layer, { threads }), reason: "" };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

const unitOf = (work: Work) => ("flop" in work ? "GFLOP/s" : "GB/s");
