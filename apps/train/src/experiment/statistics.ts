import jstat from "jstat";

/** Mean of a sample with its 95 % confidence interval; the interval is NaN with fewer than two values. */
export interface MeanInterval {
  readonly count: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** A mean of differences with the p-value of the paired t-test that it is 0. */
export interface PairedDifference extends MeanInterval {
  /** two-sided; NaN with fewer than two pairs, 0 or 1 if all differences are equal */
  readonly p: number;
}

/** Mean ± Student's t interval. Values are taken to be independent and near normal, as those of different seeds are. */
export function meanInterval(values: readonly number[]): MeanInterval {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { count, mean, low: Number.NaN, high: Number.NaN };
  const half = jstat.studentt.inv(0.975, count - 1) * standardError(values, mean);
  return { count, mean, low: mean - half, high: mean + half };
}

/**
 * Paired t-test of `values` against `baseline`, seed by seed.
 * @throws RangeError if the lists differ in length
 */
export function pairedDifference(values: readonly number[], baseline: readonly number[]): PairedDifference {
  if (values.length !== baseline.length) {
    throw new RangeError(`pairedDifference: expected ${baseline.length} values, got ${values.length}`);
  }
  const differences = values.map((value, i) => value - baseline[i]);
  const interval = meanInterval(differences);
  if (interval.count < 2) return { ...interval, p: Number.NaN };
  const error = standardError(differences, interval.mean);
  if (error === 0) return { ...interval, p: interval.mean === 0 ? 1 : 0 };
  const t = Math.abs(interval.mean) / error;
  return { ...interval, p: 2 * (1 - jstat.studentt.cdf(t, interval.count - 1)) };
}

/**
 * Coefficient of determination of y ≈ a + b·ln(x), least squares: how much of the spread of y the curve explains.
 * NaN with fewer than three points or with no spread.
 */
export function logFitR2(points: readonly { readonly x: number; readonly y: number }[]): number {
  if (points.length < 3) return Number.NaN;
  const u = points.map(({ x }) => Math.log(x));
  const y = points.map((point) => point.y);
  const [meanU, meanY] = [u, y].map((list) => list.reduce((sum, value) => sum + value, 0) / list.length);
  const along = (a: readonly number[], meanA: number, b: readonly number[], meanB: number) =>
    a.reduce((sum, value, i) => sum + (value - meanA) * (b[i] - meanB), 0);
  const total = along(y, meanY, y, meanY);
  const shared = along(u, meanU, y, meanY);
  return total === 0 ? Number.NaN : (shared * shared) / (along(u, meanU, u, meanU) * total);
}

/**
 * Area under the ROC curve: the probability that a value of `positive` is above one of `negative`, ties counted half.
 * NaN if one of the two is empty.
 */
export function areaUnderRoc(positive: readonly number[], negative: readonly number[]): number {
  let wins = 0;
  for (const a of positive) for (const b of negative) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return wins / (positive.length * negative.length);
}

function standardError(values: readonly number[], mean: number): number {
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
