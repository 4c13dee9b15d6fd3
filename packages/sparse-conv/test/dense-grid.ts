/** A batch of dense grids, channels last. */
export interface Grid {
  readonly shape: readonly number[];
  readonly batchSize: number;
  readonly channels: number;
}

/** Position of the first channel of a site in the flat dense array. */
export function cell(coords: Int32Array, row: number, { shape: [d, h, w], channels }: Grid): number {
  const [b, z, y, x] = coords.subarray(4 * row, 4 * row + 4);
  return (((b * d + z) * h + y) * w + x) * channels;
}

/** The dense array of rows [rows, channels] at sites. */
export function scatter(rows: ArrayLike<number>, coords: Int32Array, grid: Grid): Float64Array {
  const dense = new Float64Array(grid.batchSize * grid.shape[0] * grid.shape[1] * grid.shape[2] * grid.channels);
  for (let row = 0; row < coords.length / 4; row++) {
    const at = cell(coords, row, grid);
    for (let c = 0; c < grid.channels; c++) dense[at + c] = rows[row * grid.channels + c];
  }
  return dense;
}

/** The rows of a dense array at sites. */
export function gatherSites(dense: Float64Array, coords: Int32Array, grid: Grid): Float64Array {
  const rows = new Float64Array((coords.length / 4) * grid.channels);
  for (let row = 0; row < coords.length / 4; row++) {
    const at = cell(coords, row, grid);
    rows.set(dense.subarray(at, at + grid.channels), row * grid.channels);
  }
  return rows;
}
