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

/** Whether a mean difference is shown to be small. */
export interface Equivalence {
  /** interval of the mean at 90 %: equivalence at 5 % is shown if it lies within the bounds */
  readonly low: number;
  readonly high: number;
  /** the larger one of both one-sided tests; NaN with fewer than two differences */
  readonly p: number;
}

/**
 * Two one-sided t-tests (Schuirmann 1987) that a mean difference is above −bound and below +bound.
 * @throws RangeError for a bound that is not above 0
 */
export function equivalence(differences: readonly number[], bound: number): Equivalence {
  if (!(bound > 0)) throw new RangeError(`equivalence: expected a bound above 0, got ${bound}`);
  const count = differences.length;
  const mean = meanOf(differences);
  if (count < 2) return { low: Number.NaN, high: Number.NaN, p: Number.NaN };
  const error = standardError(differences, mean);
  const half = jstat.studentt.inv(0.95, count - 1) * error;
  const distance = bound - Math.abs(mean); // to the nearer bound: the other test has the smaller p
  const p = error === 0 ? Number(distance <= 0) : 1 - jstat.studentt.cdf(distance / error, count - 1);
  return { low: mean - half, high: mean + half, p };
}

/**
 * Holm's adjusted p-values (1979): rejecting those at or below α keeps the chance of any false rejection at α, whatever the tests have
 * to do with each other. NaN, of a comparison that could not be made, stays and counts as a comparison.
 * @returns in the order given
 */
export function holm(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].filter((i) => !Number.isNaN(pValues[i])).sort((a, b) => pValues[a] - pValues[b]);
  const adjusted = [...pValues];
  let greatest = 0;
  order.forEach((i, rank) => {
    greatest = Math.max(greatest, Math.min(1, (pValues.length - rank) * pValues[i]));
    adjusted[i] = greatest;
  });
  return adjusted;
}

/** Standard deviation of a sample, n − 1; NaN with fewer than two values. */
export function deviation(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  return standardError(values, meanOf(values)) * Math.sqrt(values.length);
}

/** How much more values spread than others that they are paired with. */
export interface SpreadRatio {
  /** of the standard deviations */
  readonly ratio: number;
  /** 95 % interval */
  readonly low: number;
  readonly high: number;
  /** that both spread alike, two-sided */
  readonly p: number;
}

/**
 * Ratio of the standard deviations of two paired normal samples with the interval of Pitman and Morgan (1939): pairs that move together
 * tell more of it than two samples of the same size. NaN with fewer than three pairs or where one does not spread.
 * @throws RangeError if the lists differ in length
 */
export function pairedSpreadRatio(values: readonly number[], others: readonly number[]): SpreadRatio {
  if (values.length !== others.length) {
    throw new RangeError(`pairedSpreadRatio: expected ${others.length} values, got ${values.length}`);
  }
  const freedom = values.length - 2;
  const [a, b] = [deviation(values), deviation(others)];
  if (freedom < 1 || !(a > 0 && b > 0)) return { ratio: a / b, low: Number.NaN, high: Number.NaN, p: Number.NaN };
  const squared = correlation(values, others) ** 2;
  const t = jstat.studentt.inv(0.975, freedom);
  const k = 1 + (2 * (1 - squared) * t * t) / freedom;
  const spread = Math.sqrt(k * k - 1);
  const w = (a / b) ** 2;
  const statistic = (Math.abs(w - 1) * Math.sqrt(freedom)) / (2 * Math.sqrt(w * (1 - squared)));
  const p = 2 * (1 - jstat.studentt.cdf(statistic, freedom));
  return { ratio: a / b, low: Math.sqrt(w * (k - spread)), high: Math.sqrt(w * (k + spread)), p };
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  const along = a.reduce((sum, value, i) => sum + (value - meanA) * (b[i] - meanB), 0);
  return along / ((a.length - 1) * deviation(a) * deviation(b));
}

/**
 * Value below which a share of a sample lies, between neighbours by straight lines (R's and NumPy's default); NaN of none.
 * @param share 0 to 1
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const next = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[next] - sorted[below]);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
