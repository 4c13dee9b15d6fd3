/** How a layer's maps can be read, over some frames. Shares are 0..1. */
export interface MapFigures {
  /** share of activations that are 0 */
  readonly zeros: number;
  /**
   * Hoyer's sparseness (2004) of a channel's map, mean over the channels that have some activity: 0 where all cells are alike, 1 where a
   * single one is active.
   */
  readonly sparseness: number;
  /**
   * Root mean square distance of a channel's activity from its middle, as a share of that of a map that is the same everywhere; mean over
   * the same channels. Small: the channel looks at one place.
   */
  readonly spread: number;
  /** share of channels without any activity in all the frames */
  readonly dead: number;
  /**
   * Effective number of different channels as a share of those that vary: 1 where none tells of another, 1/n where all n are one. The
   * number is exp of the matrix-based Rényi entropy of order 2 (Sanchez Giraldo, Rao, Principe 2015) of the channels' Gram matrix after
   * centring and normalising, their correlations R: n²/Σ Rᵢⱼ².
   */
  readonly rank: number;
  /** share of the channels that vary which have another one with a correlation of 0.9 or more */
  readonly twins: number;
}

/** Correlation from which on two channels say the same. */
const TWIN = 0.9;

/** Maps of one layer as they come, frame by frame. */
export class MapStudy {
  readonly #channels: number;
  readonly #sums: Float64Array;
  readonly #products: Float64Array;
  #cells = 0;
  #zeros = 0;
  #maps = 0;
  #sparseness = 0;
  #spread = 0;

  constructor(channels: number) {
    this.#channels = channels;
    this.#sums = new Float64Array(channels);
    this.#products = new Float64Array(channels * channels);
  }

  /**
   * Takes in the maps of a frame.
   * @param values   [height, width, channels] activations, none below 0, two cells or more
   * @param products [channels, channels] sums over the cells of products of channels: Xᵀ X
   * @throws RangeError if the sizes do not fit each other
   */
  add(values: ArrayLike<number>, size: readonly [height: number, width: number], products: ArrayLike<number>): void {
    const [height, width] = size;
    const channels = this.#channels;
    if (values.length !== height * width * channels || products.length !== channels * channels) {
      throw new RangeError(
        `MapStudy.add: expected [${height}, ${width}, ${channels}] for values and [${channels}, ${channels}] for products, ` +
          `got ${values.length} and ${products.length} numbers`,
      );
    }
    const moments = mapMoments(values, width, channels);
    const cells = height * width;
    const uniform = Math.sqrt((height ** 2 - 1 + width ** 2 - 1) / 12); // of the cells' middles
    for (let c = 0; c < channels; c++) {
      const [sum, squares, x, y, distance, active] = moments.subarray(6 * c, 6 * c + 6);
      this.#zeros += cells - active;
      this.#sums[c] += sum;
      if (sum === 0) continue;
      this.#maps += 1;
      this.#sparseness += (Math.sqrt(cells) - sum / Math.sqrt(squares)) / (Math.sqrt(cells) - 1);
      const variance = distance / sum - (x / sum) ** 2 - (y / sum) ** 2;
      this.#spread += Math.sqrt(Math.max(0, variance)) / uniform;
    }
    for (let i = 0; i < products.length; i++) this.#products[i] += products[i];
    this.#cells += cells;
  }

  figures(): MapFigures {
    const channels = this.#channels;
    const { squares, twins, live } = this.#correlations();
    return {
      zeros: this.#zeros / (this.#cells * channels),
      sparseness: this.#sparseness / this.#maps,
      spread: this.#spread / this.#maps,
      dead: this.#sums.reduce((count, sum) => count + Number(sum === 0), 0) / channels,
      rank: live / squares,
      twins: twins / live,
    };
  }

  /** Of the channels that vary: Σ Rᵢⱼ², those that have a twin, and how many they are. */
  #correlations(): { squares: number; twins: number; live: number } {
    const channels = this.#channels;
    const covariance = (i: number, j: number) =>
      this.#products[i * channels + j] / this.#cells - (this.#sums[i] / this.#cells) * (this.#sums[j] / this.#cells);
    const variances = Float64Array.from({ length: channels }, (_, i) => covariance(i, i));
    const live = [...variances.keys()].filter(
      (i) => variances[i] > VARIES * (this.#products[i * channels + i] / this.#cells),
    );
    let [squares, twins] = [0, 0];
    for (const i of live) {
      let closest = 0;
      for (const j of live) {
        const r = i === j ? 1 : covariance(i, j) / Math.sqrt(variances[i] * variances[j]);
        squares += r * r;
        if (i !== j) closest = Math.max(closest, r);
      }
      twins += Number(closest >= TWIN);
    }
    return { squares, twins, live: live.length };
  }
}

/** Of the mean square: a variance below it is rounding of products in float32. */
const VARIES = 1e-5;

/** Of each channel: Σa, Σa², Σax, Σay, Σa(x² + y²) and how many cells are active; x and y in cells. */
function mapMoments(values: ArrayLike<number>, width: number, channels: number): Float64Array {
  const moments = new Float64Array(6 * channels);
  for (let i = 0; i < values.length; i++) {
    const a = values[i];
    if (a === 0) continue;
    const cell = Math.floor(i / channels);
    const [x, y] = [cell % width, Math.floor(cell / width)];
    const base = 6 * (i - cell * channels);
    moments[base] += a;
    moments[base + 1] += a * a;
    moments[base + 2] += a * x;
    moments[base + 3] += a * y;
    moments[base + 4] += a * (x * x + y * y);
    moments[base + 5] += 1;
  }
  return moments;
}
