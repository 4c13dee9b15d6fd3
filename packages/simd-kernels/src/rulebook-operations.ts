/** A number per grid axis: z, y, x. */
export type GridTriple = readonly [z: number, y: number, x: number];

/**
 * A window that moves over a batch of grids: under tap k (per axis) it leads from coordinate i to cell
 * `(i + padding − k·dilation) / stride` of the output grid, if that is whole and inside of it.
 */
export interface WindowShape {
  readonly batchSize: number;
  /** cells of the input grid */
  readonly shape: GridTriple;
  /** cells of the output grid; with the batch at most 2^30 */
  readonly outputShape: GridTriple;
  /** taps along each axis, all three together at most 31 */
  readonly kernel: GridTriple;
  readonly stride: GridTriple;
  readonly padding: GridTriple;
  readonly dilation: GridTriple;
}

/** Where {@link RulebookOperations.gapPairs} writes. */
export interface GapPairs {
  /** [gaps·keys] place of the lower key of each pair; what lies behind the last pair has no meaning */
  readonly lower: Int32Array;
  /** [gaps·keys] place of the upper key */
  readonly upper: Int32Array;
  /** [gaps + 1] pairs `starts[g] .. starts[g+1]` belong to gap g */
  readonly starts: Int32Array;
}

/** Where {@link RulebookOperations.windowPairs} writes; `most` is rows · {@link mostTapsPerSite}. */
export interface WindowPairs {
  /** [most] row of each pair's site; what lies behind the last pair has no meaning */
  readonly inputs: Int32Array;
  /** [most] place of the reached cell in `cells` */
  readonly outputs: Int32Array;
  /** [most] numbers of the reached cells, row-major over batch, z, y, x: ascending, each once */
  readonly cells: Int32Array;
  /** [1] how many cells there are */
  readonly cellCount: Int32Array;
  /** [taps + 1] pairs `starts[t] .. starts[t+1]` belong to tap t = (kz·Ky + ky)·Kx + kx */
  readonly starts: Int32Array;
}

/** Integer operations that index maps of sparse convolutions are made of: the same numbers on every layer. */
export interface RulebookOperations {
  /**
   * Sorts whole numbers from 0 to 2^53 − 1: `sorted` ascends, `sorted[i] = keys[order[i]]`, and equal keys keep their order.
   */
  sortKeys(keys: Float64Array, sorted: Float64Array, order: Int32Array): void;

  /**
   * Which of some keys lie how far apart: the pairs of gap g have `keys[upper] − keys[lower] = gaps[g]` and ascend. Keys are
   * whole numbers that ascend, each once; gaps are positive. One that is 1 less than the gap before it costs half.
   */
  gapPairs(keys: Float64Array, gaps: Float64Array, pairs: GapPairs): void;

  /**
   * Which cells a window reaches from the sites `coords` [rows,4] (batch, z, y, x), and from which: the pairs of a strided
   * sparse convolution. The pairs of a tap come in the order of `order` [rows]; where that sorts the sites by batch, z, y, x,
   * their outputs ascend. Sites are within the grid, each once.
   */
  windowPairs(coords: Int32Array, order: Int32Array, window: WindowShape, pairs: WindowPairs): void;
}

/**
 * The most taps under which a window leads from one site to a cell. Along an axis k·dilation must have one remainder modulo
 * the stride, which every (stride / gcd(stride, dilation))-th tap has.
 */
export function mostTapsPerSite({
  kernel,
  stride,
  dilation,
}: Pick<WindowShape, "kernel" | "stride" | "dilation">): number {
  return kernel.reduce((most, cells, axis) => {
    const period = stride[axis] / greatestDivisor(stride[axis], dilation[axis]);
    return most * Math.ceil(cells / period);
  }, 1);
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
