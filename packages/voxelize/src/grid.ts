/** A box of space cut into equal cells, in the frame of the points. */
export interface VoxelGrid {
  /** [x0, y0, z0, x1, y1, z1]: lower bounds belong to the grid, upper bounds do not. Metres. */
  readonly range: readonly [number, number, number, number, number, number];
  /** [sx, sy, sz]: edge lengths of one cell. Metres, > 0. */
  readonly voxelSize: readonly [number, number, number];
}

/** Most cells a grid may have: a cell's linear index has to fit into 31 bits. */
export const MAX_GRID_CELLS = 2 ** 31 - 1;

const AXES = ["x", "y", "z"] as const;

/**
 * Number of cells along each axis: round(fl32(fl32(max - min) / size)), each operation rounded to float32.
 * A range that is no whole number of cells is rounded to the nearest, so the last cell may stick out or fall short
 * by up to half a cell.
 * @returns [nx, ny, nz], each at least 1
 * @throws RangeError if a bound is not finite, a minimum is not below its maximum, a size is not positive, or the grid
 *   has no cell or more than {@link MAX_GRID_CELLS}
 */
export function gridSize(grid: VoxelGrid): [number, number, number] {
  const { range, voxelSize } = grid;
  if (range?.length !== 6) throw new TypeError(`gridSize: expected 6 numbers for range, got ${describe(range)}`);
  if (voxelSize?.length !== 3) {
    throw new TypeError(`gridSize: expected 3 numbers for voxelSize, got ${describe(voxelSize)}`);
  }
  const cells = AXES.map((axis, a) => cellsAlong(axis, range[a], range[a + 3], voxelSize[a]));
  const [nx, ny, nz] = cells;
  const total = nx * ny * nz;
  if (total > MAX_GRID_CELLS) {
    throw new RangeError(
      `gridSize: expected at most ${MAX_GRID_CELLS} cells for the grid, got ${nx} x ${ny} x ${nz} = ${total}; ` +
        "enlarge voxelSize or shrink range",
    );
  }
  return [nx, ny, nz];
}

function cellsAlong(axis: string, low: number, high: number, size: number): number {
  const min = Math.fround(low);
  const max = Math.fround(high);
  const step = Math.fround(size);
  if (!Number.isFinite(min) || !Number.isFinite(max) || !(min < max)) {
    throw new RangeError(`gridSize: expected finite ${axis} bounds with min < max for range, got ${low} and ${high}`);
  }
  if (!(step > 0) || !Number.isFinite(step)) {
    throw new RangeError(`gridSize: expected a finite ${axis} size > 0 for voxelSize, got ${size}`);
  }
  const cells = Math.round(Math.fround(Math.fround(max - min) / step));
  if (!(cells >= 1) || cells > MAX_GRID_CELLS) {
    throw new RangeError(
      `gridSize: expected 1 to ${MAX_GRID_CELLS} cells along ${axis} for the grid, got ${cells} ` +
        `(range ${low} to ${high}, voxelSize ${size})`,
    );
  }
  return cells;
}

function describe(value: unknown): string {
  return Array.isArray(value) ? `${value.length} [${value.join(", ")}]` : String(value);
}
