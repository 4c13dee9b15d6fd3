import { randomStream } from "../system/random.js";

/** Sums and products that are equal on paper differ by less. */
const ROUNDING = 1e-9;

/** When something happened, or until when it was seen not to. */
export interface Waiting {
  /** above 0, such as epochs */
  readonly time: number;
  /** it happened then; else the wait was ended (censored) */
  readonly happened: boolean;
}

/** A step of a Kaplan–Meier curve. */
export interface SurvivalStep {
  readonly time: number;
  /** share to which it has not happened at this time, of all */
  readonly share: number;
  /** to which it could still have happened just before */
  readonly atRisk: number;
  readonly events: number;
}

/** Kaplan–Meier estimate (1958) of the share that still waits, one step at each time at which something happened. */
export function kaplanMeier(waits: readonly Waiting[]): SurvivalStep[] {
  let share = 1;
  return eventTimes(waits).map((time) => {
    const { atRisk, events } = riskAt(waits, time);
    share *= 1 - events / atRisk;
    return { time, share, atRisk, events };
  });
}

/** The first time at which it has happened to half or more; `undefined` if to fewer until the end. */
export function medianWait(waits: readonly Waiting[]): number | undefined {
  return kaplanMeier(waits).find(({ share }) => share <= 0.5 + ROUNDING)?.time;
}

/**
 * Scores of the log-rank test: what has happened (0 or 1) less what was to be expected by then, the Nelson–Aalen hazard of all together.
 * They sum to 0; a low score is of one that waits long.
 */
export function logRankScores(waits: readonly Waiting[]): number[] {
  const times = eventTimes(waits);
  const hazards = times.map((time) => {
    const { atRisk, events } = riskAt(waits, time);
    return events / atRisk;
  });
  return waits.map(({ time, happened }) => {
    const expected = hazards.reduce((sum, hazard, i) => sum + (times[i] <= time ? hazard : 0), 0);
    return Number(happened) - expected;
  });
}

/** Most pairs of which every pattern of signs is looked at. */
const MOST_PAIRS = 20;
/** Patterns of the signs of more pairs that are looked at. */
const PATTERNS = 100_000;
/** Signs that one random number gives. */
const SIGNS = 30;

/** What {@link pairedLogRank} finds. */
export interface PairedLogRank {
  /** mean difference of the scores, first minus second: above 0 if the first ones wait less */
  readonly difference: number;
  /** two-sided */
  readonly p: number;
}

/**
 * Whether the first ones of pairs wait as long as the second ones: log-rank scores of all together, differences within pairs, and every
 * pattern of their signs, which are chance if both wait alike. With n pairs p is at least 2^(1 − n). Of more than 20 pairs 100 000 random
 * patterns are looked at, always the same ones, and the one at hand (Phipson and Smyth 2010).
 * @throws RangeError if the lists differ in length
 */
export function pairedLogRank(first: readonly Waiting[], second: readonly Waiting[]): PairedLogRank {
  const count = first.length;
  if (second.length !== count)
    throw new RangeError(`pairedLogRank: expected two lists of one length, got ${count} and ${second.length}`);
  const scores = logRankScores([...first, ...second]);
  const differences = first.map((_, i) => scores[i] - scores[count + i]);
  const sum = differences.reduce((total, value) => total + value, 0);
  const enough = Math.abs(sum) - ROUNDING; // equal sums in another order
  const p = count <= MOST_PAIRS ? shareOfPatterns(differences, enough) : shareOfRandomPatterns(differences, enough);
  return { difference: sum / count, p };
}

/** Share of all patterns of signs whose sums are that far from 0. */
function shareOfPatterns(differences: readonly number[], enough: number): number {
  const patterns = 2 ** differences.length;
  let asFar = 0;
  for (let signs = 0; signs < patterns; signs++) {
    let flipped = 0;
    for (let i = 0; i < differences.length; i++) flipped += (signs >> i) & 1 ? -differences[i] : differences[i];
    if (Math.abs(flipped) >= enough) asFar += 1;
  }
  return asFar / patterns;
}

/** The same of random patterns and the one that was found. */
function shareOfRandomPatterns(differences: readonly number[], enough: number): number {
  const rng = randomStream(0, "signs of pairs");
  let asFar = 1;
  for (let pattern = 0; pattern < PATTERNS; pattern++) {
    let flipped = 0;
    let signs = 0;
    for (let i = 0; i < differences.length; i++) {
      signs = i % SIGNS === 0 ? Math.floor(rng() * 2 ** SIGNS) : signs >> 1;
      flipped += signs & 1 ? -differences[i] : differences[i];
    }
    if (Math.abs(flipped) >= enough) asFar += 1;
  }
  return asFar / (PATTERNS + 1);
}

function eventTimes(waits: readonly Waiting[]): number[] {
  const times = waits.filter(({ happened }) => happened).map(({ time }) => time);
  return [...new Set(times)].sort((a, b) => a - b);
}

function riskAt(waits: readonly Waiting[], time: number): { readonly atRisk: number; readonly events: number } {
  return {
    atRisk: waits.filter((wait) => wait.time >= time).length,
    events: waits.filter((wait) => wait.happened && wait.time === time).length,
  };
}
