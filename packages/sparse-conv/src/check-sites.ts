import { cellKey, type GridExtent, SiteIndex, type Triple } from "./site-index.js";

/**
 * Checks sites once, at the entry, and indexes them.
 * @param coords [rows, 4] batch, z, y, x
 * @throws TypeError if `coords` is no Int32Array; RangeError for a length that is no multiple of 4, a site outside of the
 *   grid or a site that occurs twice
 */
export function indexSites(caller: string, coords: Int32Array, extent: GridExtent): SiteIndex {
  if (!(coords instanceof Int32Array)) {
    throw new TypeError(`${caller}: expected an Int32Array for coords, got ${Object.prototype.toString.call(coords)}`);
  }
  if (coords.length % 4 !== 0) {
    throw new RangeError(`${caller}: expected batch, z, y, x per site in coords, got ${coords.length} numbers`);
  }
  checkTriple(caller, "shape", extent.shape, 1);
  checkWhole(caller, "batchSize", extent.batchSize, 0);
  const [depth, height, width] = extent.shape;
  if (extent.batchSize * depth * height * width > Number.MAX_SAFE_INTEGER) {
    throw new RangeError(
      `${caller}: expected at most 2^53 cells, got ${extent.batchSize} grids of [${extent.shape.join(", ")}]`,
    );
  }
  const rows = coords.length / 4;
  const index = new SiteIndex(rows);
  for (let row = 0; row < rows; row += 1) {
    const batch = coords[4 * row];
    const z = coords[4 * row + 1];
    const y = coords[4 * row + 2];
    const x = coords[4 * row + 3];
    if (batch < 0 || batch >= extent.batchSize || z < 0 || z >= depth || y < 0 || y >= height || x < 0 || x >= width) {
      throw new RangeError(
        `${caller}: expected batch < ${extent.batchSize} and cells within [${extent.shape.join(", ")}] in coords, ` +
          `got [${batch}, ${z}, ${y}, ${x}] in row ${row}`,
      );
    }
    const key = cellKey(extent, batch, z, y, x);
    if (!index.add(key, row)) {
      throw new RangeError(
        `${caller}: expected every site once in coords, got [${batch}, ${z}, ${y}, ${x}] in rows ${index.find(key)} and ${row}`,
      );
    }
  }
  return index;
}

/** @throws RangeError unless `value` is three whole numbers of at least `minimum` */
export function checkTriple(caller: string, name: string, value: Triple, minimum: number): void {
  if (!Array.isArray(value) || value.length !== 3) {
    throw new RangeError(`${caller}: expected three numbers (z, y, x) for ${name}, got ${String(value)}`);
  }
  for (const each of value) checkWhole(caller, name, each, minimum);
}

function checkWhole(caller: string, name: string, value: number, minimum: number): void {
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw new RangeError(`${caller}: expected whole numbers of at least ${minimum} for ${name}, got ${value}`);
  }
}
