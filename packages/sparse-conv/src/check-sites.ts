import { kernels } from "simd-kernels";
import type { GridExtent, Triple } from "./grid-extent.js";

/** Sites by the numbers of their cells. */
export interface CellOrder {
  /** numbers of the cells, ascending */
  readonly keys: Float64Array;
  /** [keys] rows of the sites */
  readonly order: Int32Array;
}

const NO_MARGIN: Triple = [0, 0, 0];

/**
 * Checks sites once, at the entry, and sorts them by batch, z, y, x.
 * @param coords [rows, 4] batch, z, y, x
 * @param margin empty cells that the keys leave free behind each axis
 * @throws TypeError if `coords` is no Int32Array; RangeError for a length that is no multiple of 4, a site outside of the
 *   grid or a site that occurs twice
 */
export function sortSites(
  caller: string,
  coords: Int32Array,
  { shape, batchSize, margin = NO_MARGIN }: GridExtent & { readonly margin?: Triple },
): CellOrder {
  checkExtent(caller, { shape, batchSize });
  checkCoords(caller, coords);
  const cells = shape.reduce((product, length, axis) => product * (length + margin[axis]), batchSize);
  if (cells > Number.MAX_SAFE_INTEGER) {
    throw new RangeError(`${caller}: expected at most 2^53 cells, got ${batchSize} grids of [${shape.join(", ")}]`);
  }
  const keys = new Float64Array(coords.length / 4);
  const order = new Int32Array(keys.length);
  const faults = new Int32Array(2);
  kernels().sortSites(coords, { keys, order, faults }, { batchSize, shape, margin });
  const siteOf = (row: number) => `[${coords.subarray(4 * row, 4 * row + 4).join(", ")}]`;
  const [outside, repeated] = faults;
  if (outside >= 0) {
    throw new RangeError(
      `${caller}: expected batch < ${batchSize} and cells within [${shape.join(", ")}] in coords, ` +
        `got ${siteOf(outside)} in row ${outside}`,
    );
  }
  if (repeated >= 0) {
    const [first, second] = [order[repeated - 1], order[repeated]];
    throw new RangeError(
      `${caller}: expected every site once in coords, got ${siteOf(first)} in rows ${first} and ${second}`,
    );
  }
  return { keys, order };
}

/** @throws RangeError unless `value` is three whole numbers of at least `minimum` */
export function checkTriple(caller: string, name: string, value: Triple, minimum: number): void {
  if (!Array.isArray(value) || value.length !== 3) {
    throw new RangeError(`${caller}: expected three numbers (z, y, x) for ${name}, got ${String(value)}`);
  }
  for (const each of value) checkWhole(caller, name, each, minimum);
}

function checkExtent(caller: string, { shape, batchSize }: GridExtent): void {
  checkTriple(caller, "shape", shape, 1);
  checkWhole(caller, "batchSize", batchSize, 0);
}

function checkCoords(caller: string, coords: Int32Array): void {
  if (!(coords instanceof Int32Array)) {
    throw new TypeError(`${caller}: expected an Int32Array for coords, got ${Object.prototype.toString.call(coords)}`);
  }
  if (coords.length % 4 !== 0) {
    throw new RangeError(`${caller}: expected batch, z, y, x per site in coords, got ${coords.length} numbers`);
  }
}

function checkWhole(caller: string, name: string, value: number, minimum: number): void {
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw new RangeError(`${caller}: expected whole numbers of at least ${minimum} for ${name}, got ${value}`);
  }
}
