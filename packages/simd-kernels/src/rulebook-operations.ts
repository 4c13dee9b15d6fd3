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

/** A batch of grids for sites, and how their cells are numbered. */
export interface SiteGrid {
  readonly batchSize: number;
  /** cells along each axis */
  readonly shape: GridTriple;
  /** empty cells that the numbers leave free behind each axis; with them at most 2^53 cells in the batch */
  readonly margin: GridTriple;
}

/** Where {@link RulebookOperations.sortSites} writes. */
export interface SortedSites {
  /** [rows] numbers of the sites' cells, row-major over batch, z, y, x with the margin: ascending */
  readonly keys: Float64Array;
  /** [rows] row of each key's site */
  readonly order: Int32Array;
  /**
   * [2] what is wrong: the row of the first site outside of its grid, with which keys and order have no meaning, and the
   * place of the first key that equals the one before it; −1 where nothing is
   */
  readonly faults: Int32Array;
}

/** Where {@link RulebookOperations.shiftedPairs} writes. */
export interface ShiftedPairs {
  /** [shifts·keys] row whose key is the shifted one; what lies behind the last pair has no meaning */
  readonly inputs: Int32Array;
  /** [shifts·keys] row whose key is shifted */
  readonly outputs: Int32Array;
  /** [shifts + 1] pairs `starts[t] .. starts[t+1]` belong to shift t */
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

  /** Numbers the cells of the sites `coords` [rows,4] (batch, z, y, x) and sorts the rows by them. Tells which are no sites. */
  sortSites(coords: Int32Array, grid: SiteGrid, sites: SortedSites): void;

  /**
   * Which keys lie how far apart: the pairs of a submanifold sparse convolution, whose taps are shifts. `order[i]` is the row
   * of keys[i]; row order[o] meets row order[i] under shift t if `keys[i] = keys[o] + shifts[t]`. The pairs of a shift ascend
   * with their outputs. Keys are whole numbers that ascend, each once; shifts are whole numbers. A shift that is 1 more than
   * the one before it costs half, and the opposite of the shift as far from the other end a copy.
   */
  shiftedPairs(keys: Float64Array, order: Int32Array, shifts: Float64Array, pairs: ShiftedPairs): void;

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
