import type { Work } from "./kernel-bench.js";
import type { Latency } from "./report.js";

/** How long to measure. */
export interface Budget {
  readonly milliseconds: number;
  /** rounds at least, however long they take */
  readonly rounds: number;
  /** default wall */
  readonly clock?: Clock;
}

/**
 * `wall`: time that passes. `processor`: time that this process had a processor, so that what other programs do counts
 * less. For kernels on one thread only: the system books the time of another thread some milliseconds late.
 */
export type Clock = "wall" | "processor";

/** A time that much shorter is news. */
const NEWS = 0.99;
/** Budgets at most while there is news. */
const PATIENCE = 4;

/**
 * Seconds of the fastest run of each candidate. They run in turn, so that what else the machine does meets all of them
 * alike; the fastest is the one that was disturbed least. Goes on for up to four times the budget as long as the second
 * half of the time still brought faster runs, as it does on a busy machine.
 */
export function fastestInTurn(candidates: readonly (() => void)[], { milliseconds, rounds, clock }: Budget): number[] {
  const fastest = candidates.map(() => Number.POSITIVE_INFINITY);
  const started = performance.now();
  let lastNews = 0;
  for (
    let round = 0, elapsed = 0;
    round < rounds || elapsed < Math.min(PATIENCE * milliseconds, Math.max(milliseconds, 2 * lastNews));
    round++
  ) {
    candidates.forEach((candidate, i) => {
      const seconds = secondsOf(candidate, clock);
      if (seconds < NEWS * fastest[i]) lastNews = performance.now() - started;
      fastest[i] = Math.min(fastest[i], seconds);
    });
    elapsed = performance.now() - started;
  }
  return fastest;
}

/** Seconds of one run. */
export function secondsOf(run: () => void, clock: Clock = "wall"): number {
  const now = clock === "wall" ? () => performance.now() / 1000 : processorSeconds;
  const started = now();
  run();
  return now() - started;
}

/** Of all threads of this process so far. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** 10⁹ operations or bytes per second. */
export function rateOf(work: Work, seconds: number): number {
  return ("flop" in work ? work.flop : work.bytes) / seconds / 1e9;
}

/** What half of some times and 99 % of them do not exceed (nearest rank: of fewer than a hundred, the slowest). */
export function latencyOf(milliseconds: readonly number[]): Latency {
  const ascending = Float64Array.from(milliseconds).sort();
  const at = (share: number) => ascending[Math.ceil(share * ascending.length) - 1];
  return { p50: at(0.5), p99: at(0.99), runs: ascending.length };
}

/** Where a quarter, half and three quarters of some values lie below. */
export interface Quartiles {
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
  /** how many values they are of */
  readonly count: number;
}

/** Quartiles of at least one value, in between two values on the line through them. */
export function quartilesOf(values: readonly number[]): Quartiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)];
    return below + (place % 1) * (sorted[Math.ceil(place)] - below);
  };
  return { lower: at(0.25), median: at(0.5), upper: at(0.75), count: sorted.length };
}
