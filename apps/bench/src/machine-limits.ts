import { type Kernels, loadKernels, type Precision } from "simd-kernels";
import type { Work } from "./kernel-bench.js";
import { type Clock, fastestInTurn, rateOf } from "./measure.js";
import type { LimitRates, Limits } from "./report.js";

/** Multiply-adds of a value; about two milliseconds of a core. The value stays near 1. */
export const CHAIN = { rounds: 32_000, factor: 0.5, addend: 0.5 } as const;

/** Operations of a chain: a round is one multiply-add of float32, or two of bfloat16. */
export const flopOfChain = (values: number, { rounds, precision }: { rounds: number; precision?: Precision }): number =>
  (precision === "bfloat16" ? 4 : 2) * values * rounds;

/** Values that keep `threads` threads busy: 16 tasks or more for each, whatever the width of a vector. */
export const chainValues = (threads: number): number => 3072 * threads;

/** Floats of the array that is copied: 64 MiB, well beyond the caches. */
export const copyLength = 2 ** 24;

/** Something that runs as fast as the machine can. */
export interface Limit {
  readonly run: () => void;
  readonly work: Work;
  /** seconds of the fastest run so far */
  fastest: number;
}

/** What the machine can do on some threads. */
export interface MachineLimits {
  readonly kernels: Kernels;
  /** multiply-adds that stay in registers */
  readonly flop: Limit;
  /** the same of bfloat16, where there are instructions for it */
  readonly bfloat16?: Limit;
  /** a copy of memory that is in use already */
  readonly bytes: Limit;
  readonly clock: Clock;
}

/** How limits are measured. */
export interface LimitOptions {
  readonly quick: boolean;
  readonly clock: Clock;
}

/**
 * Runs that show what the machine can do, to be measured in turn with what is compared with them: so a busy neighbour
 * slows both.
 */
export function machineLimits(kernels: Kernels, { quick, clock }: LimitOptions): MachineLimits {
  const rounds = quick ? CHAIN.rounds / 100 : CHAIN.rounds;
  const values = new Float32Array(chainValues(kernels.threads)).fill(1);
  const length = quick ? copyLength / 256 : copyLength;
  const [from, to] = [kernels.createArray(length).fill(1), kernels.createArray(length).fill(2)];
  const limit = (work: Work, run: () => void): Limit => ({ work, run, fastest: Number.POSITIVE_INFINITY });
  const chain = (precision: Precision): Limit =>
    limit({ flop: flopOfChain(values.length, { rounds, precision }) }, () =>
      kernels.multiplyAddChain(values, { ...CHAIN, rounds, precision }),
    );
  return {
    kernels,
    clock,
    flop: chain("float32"),
    ...(kernels.multipliesBfloat16 && { bfloat16: chain("bfloat16") }),
    bytes: limit({ bytes: 8 * length }, () => kernels.copy(from, to)),
  };
}

/** The limits of the fastest layer that loads here, on one thread and on all. */
export function openLimits({ threads, ...options }: LimitOptions & { readonly threads: number }) {
  const layer = (["native", "wasm", "typescript"] as const).find(loads)!;
  const [one, all] = [1, threads].map((count) => machineLimits(loadKernels(layer, { threads: count }), options));
  for (const limits of [one, all]) measureLimits(limits, options.quick ? 5 : 500);
  return { one, all };
}

/** Measures both limits for some milliseconds. */
export function measureLimits({ flop, bytes, clock }: MachineLimits, milliseconds: number): void {
  const seconds = fastestInTurn([flop.run, bytes.run], { milliseconds, rounds: 3, clock });
  [flop, bytes].forEach((limit, i) => {
    limit.fastest = Math.min(limit.fastest, seconds[i]);
  });
}

/** The most that was measured so far. */
export function bestRates({ kernels, flop, bytes }: MachineLimits): LimitRates {
  const [gflops, gbytes] = [flop, bytes].map(({ work, fastest }) => rateOf(work, fastest));
  return { threads: kernels.threads, gflops, gbytes };
}

/** As {@link bestRates} for one thread and all. */
export function describeLimits({ one, all }: ReturnType<typeof openLimits>): Limits {
  return { layer: all.kernels.layer, one: bestRates(one), all: bestRates(all) };
}

function loads(layer: Kernels["layer"]): boolean {
  try {
    return loadKernels(layer) !== undefined;
  } catch {
    return false;
  }
}
