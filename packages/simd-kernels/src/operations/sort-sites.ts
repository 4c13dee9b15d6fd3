import { count, index, type OperationTable, reads, triple, writes } from "./operation.js";
import { sortByDigits } from "./sort-keys.js";

/** A number per grid axis: z, y, x. */
export type GridTriple = readonly [z: number, y: number, x: number];

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

export interface SortSitesOperations {
  /** Numbers the cells of the sites `coords` [rows,4] (batch, z, y, x) and sorts the rows by them. Tells which are no sites. */
  sortSites(coords: Int32Array, sites: SortedSites, grid: SiteGrid): void;
}

export const sortSitesOperations: OperationTable<SortSitesOperations> = {
  sortSites: {
    arrays: { coords: reads("int32"), keys: writes("float64"), order: writes("int32"), faults: writes("int32") },
    sizes: { rows: count, batchSize: index(), shape: triple(1), margin: triple() },
    arraysOf: (coords, { keys, order, faults }) => [coords, keys, order, faults],
    sizesOf: (coords, _sites, { batchSize, shape, margin }) => [coords.length / 4, batchSize, shape, margin],
    checkSizes(where, _coords, _sites, { batchSize, shape, margin }) {
      const cells = shape.reduce((product, length, axis) => product * (length + margin[axis]), batchSize);
      if (cells > Number.MAX_SAFE_INTEGER) throw new RangeError(`${where}: expected at most 2^53 cells, got ${cells}`);
    },
    shapesOf(coords) {
      const rows = Math.floor(coords.length / 4);
      return [[rows, 4], [rows], [rows], [2]];
    },
    plain(coords, sites, { batchSize, shape, margin }) {
      const [depth, height, width] = shape;
      const [layers, lines, cells] = [depth + margin[0], height + margin[1], width + margin[2]];
      const { keys, order, faults } = sites;
      faults.fill(-1);
      let before = -1;
      let ascends = true;
      for (let row = 0; row < keys.length; row += 1) {
        const batch = coords[4 * row];
        const z = coords[4 * row + 1];
        const y = coords[4 * row + 2];
        const x = coords[4 * row + 3];
        if (batch < 0 || batch >= batchSize || z < 0 || z >= depth || y < 0 || y >= height || x < 0 || x >= width) {
          faults[0] = row;
          return;
        }
        const key = ((batch * layers + z) * lines + y) * cells + x;
        keys[row] = key;
        order[row] = row;
        if (key <= before) ascends = false;
        before = key;
      }
      if (ascends) return;
      sortByDigits(keys.slice(), { sorted: keys, order });
      faults[1] = keys.findIndex((key, i) => i > 0 && key === keys[i - 1]);
    },
  },
};
