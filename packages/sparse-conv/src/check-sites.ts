import { kernels } from "simd-kernels";
import type { GridExtent, Triple } from "./grid-extent.js";

/** Keys of cells in ascending order, and the rows of their sites. */
export interface SortedSites {
  readonly keys: Float64Array;
  /** [keys] */
  readonly order: Int32Array;
  /** whether the sites ascended before: then `order` is 0, 1, 2, … */
  readonly isSorted: boolean;
}

const NO_MARGIN: Triple = [0, 0, 0];

/**
 * Checks sites once, at the entry, and sorts them by batch, z, y, x.
 * @param coords [rows, 4] batch, z, y, x
 * @param margin empty cells that the keys leave free behind each axis
 * @returns keys of the cells, ascending; `order` is their rows
 * @throws TypeError if `coords` is no Int32Array; RangeError for a length that is no multiple of 4, a site outside of the
 *   grid or a site that occurs twice
 */
export function sortSites(
  caller: string,
  coords: Int32Array,
  { shape, batchSize, margin = NO_MARGIN }: GridExtent & { readonly margin?: Triple },
): SortedSites {
  checkExtent(caller, { shape, batchSize });
  checkCoords(caller, coords);
  const [depth, height, width] = shape;
  const [layers, lines, cells] = [depth + margin[0], height + margin[1], width + margin[2]];
  if (batchSize * layers * lines * cells > Number.MAX_SAFE_INTEGER) {
    throw new RangeError(`${caller}: expected at most 2^53 cells, got ${batchSize} grids of [${shape.join(", ")}]`);
  }
  const keys = new Float64Array(coords.length / 4);
  let before = -1;
  let ascends = true;
  for (let row = 0; row < keys.length; row += 1) {
    const batch = coords[4 * row];
    const z = coords[4 * row + 1];
    const y = coords[4 * row + 2];
    const x = coords[4 * row + 3];
    if (batch < 0 || batch >= batchSize || z < 0 || z >= depth || y < 0 || y >= height || x < 0 || x >= width) {
      throw new RangeError(
        `${caller}: expected batch < ${batchSize} and cells within [${shape.join(", ")}] in coords, ` +
          `got [${batch}, ${z}, ${y}, ${x}] in row ${row}`,
      );
    }
    const key = ((batch * layers + z) * lines + y) * cells + x; // cellKey, without a call
    keys[row] = key;
    if (key <= before) ascends = false;
    before = key;
  }
  if (ascends) return { keys, order: countUp(keys.length), isSorted: true };

  const sorted = { keys: new Float64Array(keys.length), order: new Int32Array(keys.length), isSorted: false };
  kernels().sortKeys(keys, sorted.keys, sorted.order);
  for (let i = 1; i < keys.length; i += 1) {
    if (sorted.keys[i] !== sorted.keys[i - 1]) continue;
    const [first, second] = [sorted.order[i - 1], sorted.order[i]];
    throw new RangeError(
      `${caller}: expected every site once in coords, got [${coords.subarray(4 * first, 4 * first + 4).join(", ")}] in ` +
        `rows ${first} and ${second}`,
    );
  }
  return sorted;
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

function countUp(length: number): Int32Array {
  const numbers = new Int32Array(length);
  for (let i = 0; i < length; i += 1) numbers[i] = i;
  return numbers;
}
