/** How far the entropies of an input are from those of clean data. */
export interface MonitorScore {
  /** variance of the changes of entropy, summed over the blocks: the value of the Entropy Loss */
  readonly l1: number;
  /** l1 over its mean on clean data: the ratio that the papers report; 1 where both are 0, as of blocks of at most two taps */
  readonly l1Ratio: number;
  /**
   * Root mean square of the deviations of all entropies H and changes ΔH from their clean means, each in clean standard
   * deviations: about 1 for clean data, larger for other data, whether their entropies are higher or lower.
   */
  readonly deviation: number;
}

/** What {@link EntropyMonitor} writes and reads. */
export interface MonitorState {
  readonly version: 1;
  /** taps of each block */
  readonly taps: readonly number[];
  /** clean inputs seen */
  readonly count: number;
  /** of L1, then of each H, then of each ΔH, block by block */
  readonly mean: readonly number[];
  /** sums of squared deviations from the mean, in the same order */
  readonly squares: readonly number[];
}

/** What a rank may exceed a whole number by: (n + 1)(1 − rate) is rounded, to 93.00000000000001 for a rate of 0.07 and 99 scores. */
const ROUNDING = 1e-12;

/** Most quantities of a state that is read: a network of some thousand layers. */
const MAX_QUANTITIES = 65536;

/**
 * Watches a network at inference: learns the entropies of its layers on clean data, then tells how far those of a new input
 * are from them. It needs numbers alone: the lists that `measureEntropies` returns.
 *
 * Running means and variances by Welford's method, so that a long stream loses no digits.
 */
export class EntropyMonitor {
  #taps: readonly number[] = [];
  #count = 0;
  #mean = new Float64Array(0);
  #squares = new Float64Array(0);

  /** clean inputs seen */
  get count(): number {
    return this.#count;
  }

  /**
   * Takes a clean input into the statistics.
   * @param entropies H of each tap, block by block, in nats
   * @throws RangeError for no block, a value that is not finite, or another network than before
   */
  observe(entropies: readonly (readonly number[])[]): void {
    const values = this.#quantities("observe", entropies);
    if (this.#count === 0) {
      this.#taps = entropies.map((block) => block.length);
      this.#mean = new Float64Array(values.length);
      this.#squares = new Float64Array(values.length);
    }
    this.#count += 1;
    values.forEach((value, i) => {
      const before = value - this.#mean[i];
      this.#mean[i] += before / this.#count;
      this.#squares[i] += before * (value - this.#mean[i]);
    });
  }

  /**
   * How far an input is from the clean ones; it is not taken into the statistics. A quantity that never varied on clean data
   * counts only if it now differs: then the deviation is infinite.
   * @throws RangeError as {@link observe}; Error with fewer than two clean inputs
   */
  score(entropies: readonly (readonly number[])[]): MonitorScore {
    if (this.#count < 2) {
      throw new Error(
        `EntropyMonitor.score: expected two clean inputs or more to be observed first, got ${this.#count}`,
      );
    }
    const [l1, ...values] = this.#quantities("score", entropies);
    let sum = 0;
    values.forEach((value, i) => {
      const difference = value - this.#mean[i + 1];
      const variance = this.#squares[i + 1] / (this.#count - 1);
      if (difference !== 0) sum += (difference * difference) / variance;
    });
    const l1Ratio = l1 === this.#mean[0] ? 1 : l1 / this.#mean[0];
    return { l1, l1Ratio, deviation: Math.sqrt(sum / values.length) };
  }

  /**
   * The score above which an input is called abnormal: of clean inputs, fresh ones or those observed, at most a share of
   * `falseAlarmRate` lies above it. Of n scores it is the ⌈(n + 1)(1 − rate)⌉-th smallest, which keeps the rate for the next
   * clean input too (split conformal prediction); infinite where n is too small for the rate.
   * @param scores of clean inputs: one of the numbers of {@link score}
   * @throws RangeError for no scores, a NaN, or a rate outside of 0..1
   */
  static threshold(
    scores: readonly number[],
    { falseAlarmRate = 0.05 }: { readonly falseAlarmRate?: number } = {},
  ): number {
    if (!(falseAlarmRate > 0 && falseAlarmRate < 1)) {
      throw new RangeError(
        `EntropyMonitor.threshold: expected above 0 and below 1 for falseAlarmRate, got ${falseAlarmRate}`,
      );
    }
    if (scores.length === 0 || scores.some(Number.isNaN)) {
      throw new RangeError(`EntropyMonitor.threshold: expected one number or more for scores, got [${scores}]`);
    }
    const rank = Math.max(1, Math.ceil((scores.length + 1) * (1 - falseAlarmRate - ROUNDING)));
    return [...scores].sort((a, b) => a - b)[rank - 1] ?? Number.POSITIVE_INFINITY;
  }

  toJSON(): MonitorState {
    return {
      version: 1,
      taps: [...this.#taps],
      count: this.#count,
      mean: [...this.#mean],
      squares: [...this.#squares],
    };
  }

  /**
   * A monitor from what `toJSON` gave, which may come from an untrusted file.
   * @throws RangeError that names the field that is wrong
   */
  static fromJSON(state: unknown): EntropyMonitor {
    const { version, taps, count, mean, squares } = (state ?? {}) as Partial<MonitorState>;
    const wrong = (field: string, expected: string) =>
      new RangeError(`EntropyMonitor.fromJSON: expected ${expected} for ${field}`);
    const isList = (value: unknown): value is number[] => Array.isArray(value) && value.length <= MAX_QUANTITIES;
    if (version !== 1) throw wrong("version", "1");
    if (!isList(taps) || !taps.every((n) => Number.isInteger(n) && n > 0) || (taps.length === 0 && count !== 0))
      throw wrong("taps", "whole numbers above 0");
    if (!Number.isSafeInteger(count) || count! < 0) throw wrong("count", "a whole number of at least 0");
    const size = count === 0 ? 0 : 1 + taps.reduce((sum, n) => sum + n + (n - 1), 0);
    if (!isList(mean) || mean.length !== size || !mean.every(Number.isFinite))
      throw wrong("mean", `${size} finite numbers`);
    if (!isList(squares) || squares.length !== size || !squares.every((v) => Number.isFinite(v) && v >= 0)) {
      throw wrong("squares", `${size} finite numbers of at least 0`);
    }
    const monitor = new EntropyMonitor();
    monitor.#taps = [...taps];
    monitor.#count = count!;
    monitor.#mean = Float64Array.from(mean);
    monitor.#squares = Float64Array.from(squares);
    return monitor;
  }

  /** L1, each H, each ΔH. */
  #quantities(where: string, entropies: readonly (readonly number[])[]): number[] {
    const taps = entropies.map((block) => block.length);
    if (taps.length === 0) throw new RangeError(`EntropyMonitor.${where}: expected one block or more, got none`);
    if (taps.includes(0)) throw new RangeError(`EntropyMonitor.${where}: expected a tap in each block, got [${taps}]`);
    if (this.#count > 0 && String(taps) !== String(this.#taps)) {
      throw new RangeError(`EntropyMonitor.${where}: expected blocks of [${this.#taps}] taps, got [${taps}]`);
    }
    const differences = entropies.map((block) => block.slice(1).map((h, n) => h - block[n]));
    const l1 = differences.reduce((sum, block) => sum + varianceOf(block), 0);
    const values = [l1, ...entropies.flat(), ...differences.flat()];
    if (!values.every(Number.isFinite)) {
      throw new RangeError(`EntropyMonitor.${where}: expected finite entropies, got [${entropies.join("; ")}]`);
    }
    return values;
  }
}

/** Mean squared deviation from the mean; 0 with fewer than two values. */
function varianceOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
}
