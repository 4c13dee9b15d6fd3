/** Numbers that are looked at. */
const SAMPLE = 12_000;
/** Kinds of number that are told apart. */
const BINS = 32;

/**
 * How much the place of a number in its row says about it, if rows have so many: mutual information of the number (by 32
 * quantiles) and its column, in nats. Numbers of one column are of one kind; under a wrong width the kinds mix and it falls towards 0.
 * @param values row after row
 */
export function columnInformation(values: ArrayLike<number>, widths: readonly number[]): Map<number, number> {
  const count = Math.min(values.length, SAMPLE);
  const sample = Float64Array.from({ length: count }, (_, i) => values[i]);
  const sorted = sample.slice().sort();
  const edges = [...new Set(Array.from({ length: BINS - 1 }, (_, i) => sorted[Math.floor(((i + 1) * count) / BINS)]))];
  const bins = binsOf(sample, Float64Array.from(edges));
  const whole = new Array<number>(BINS).fill(0);
  for (const bin of bins) whole[bin] += 1;
  return new Map(
    widths.map((width) => {
      const counts = Array.from({ length: width }, () => new Array<number>(BINS).fill(0));
      for (let i = 0; i < count; i++) counts[i % width][bins[i]] += 1;
      return [width, entropy(whole) - counts.reduce((sum, column) => sum + entropy(column) / width, 0)];
    }),
  );
}

/** How many edges, which ascend, each value has reached. */
function binsOf(values: Float64Array, edges: Float64Array): Uint8Array {
  const bins = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    let [low, high] = [0, edges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[i] >= edges[middle]) low = middle + 1;
      else high = middle;
    }
    bins[i] = low;
  }
  return bins;
}

function entropy(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count) => (count === 0 ? sum : sum - (count / total) * Math.log(count / total)), 0);
}
