/** What two networks make of the same places: rows of channels, [n, c] each, c free. */
export interface Activations {
  /** [n, c] row-major */
  readonly values: Float32Array;
  readonly channels: number;
}

/** How alike two networks' layers are. */
export interface Agreement {
  /**
   * Linear centred kernel alignment (Kornblith and others 2019): 1 where one layer's channels are a rotation of the other's times a number,
   * 0 where none of them tell of each other. Channels may be permuted freely, and mixed.
   */
  readonly alignment: number;
  /**
   * Mean over the channels of both of the largest correlation with a channel of the other: 1 where each has a copy there. Channels may be
   * permuted, not mixed. The largest of many chance correlations is above 0, so compare it between layers of one width alone.
   */
  readonly match: number;
}

/**
 * Agreement of two layers on the same n places. NaN where one of them does not vary.
 * @throws RangeError unless both have the same number of rows, two or more
 */
export function agreement(a: Activations, b: Activations): Agreement {
  const rows = a.values.length / a.channels;
  if (!(Number.isInteger(rows) && rows >= 2) || b.values.length !== rows * b.channels) {
    throw new RangeError(
      `agreement: expected the same number of rows, two or more, got [${rows}, ${a.channels}] and ` +
        `[${b.values.length / b.channels}, ${b.channels}]`,
    );
  }
  const [x, y] = [centred(a, rows), centred(b, rows)];
  const [xx, yy, xy] = [crossProducts(x, x), crossProducts(y, y), crossProducts(x, y)];
  const alignment = squares(xy) / Math.sqrt(squares(xx) * squares(yy));
  return { alignment, match: bestMatch(xy, diagonal(xx, x.length), diagonal(yy, y.length)) };
}

/** The channels less their means, channel by channel. */
function centred({ values, channels }: Activations, rows: number): Float64Array[] {
  return Array.from({ length: channels }, (_, c) => {
    const column = Float64Array.from({ length: rows }, (_, row) => values[row * channels + c]);
    const mean = column.reduce((sum, value) => sum + value, 0) / rows;
    return column.map((value) => value - mean);
  });
}

/** [c, d] sums of products. */
function crossProducts(x: readonly Float64Array[], y: readonly Float64Array[]): Float64Array {
  const products = new Float64Array(x.length * y.length);
  x.forEach((a, i) => {
    y.forEach((b, j) => {
      let sum = 0;
      for (let row = 0; row < a.length; row++) sum += a[row] * b[row];
      products[i * y.length + j] = sum;
    });
  });
  return products;
}

const squares = (matrix: Float64Array) => matrix.reduce((sum, value) => sum + value * value, 0);
const diagonal = (matrix: Float64Array, size: number) =>
  Float64Array.from({ length: size }, (_, i) => matrix[i * size + i]);

/** Channels that do not vary have no correlation and do not count. */
function bestMatch(xy: Float64Array, xx: Float64Array, yy: Float64Array): number {
  const correlation = (i: number, j: number) => xy[i * yy.length + j] / Math.sqrt(xx[i] * yy[j]);
  const live = [xx, yy].map((variances) => [...variances.keys()].filter((i) => variances[i] > 0));
  const forth = live[0].map((i) => Math.max(...live[1].map((j) => correlation(i, j))));
  const back = live[1].map((j) => Math.max(...live[0].map((i) => correlation(i, j))));
  const best = [...forth, ...back];
  return live.some((list) => list.length === 0) ? Number.NaN : best.reduce((sum, r) => sum + r, 0) / best.length;
}
