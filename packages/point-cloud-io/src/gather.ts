import { quoted } from "checked-text";
import type { Column, Table } from "./column.js";
import { MOST_COLUMNS, MOST_LOST, MOST_NUMBERS } from "./file-limits.js";
import type { PointCloud } from "./read-point-cloud.js";

/** Other names of the same thing, lower case. Times, rings and all else keep their own. */
const ALIASES = new Map([
  ["i", "intensity"],
  ["reflectance", "intensity"],
  ["intensities", "intensity"],
  ["scalar_intensity", "intensity"],
]);

/**
 * The points of a table: its columns with x, y, z before the others, its rows without those whose place or intensity is
 * not finite.
 * @param where what begins an error
 * @throws Error if x, y or z is missing, a name comes twice, there are too many numbers, or float32 is too coarse for the
 *   coordinates
 */
export function gather({ rows, columns, floats }: Table, where: string): PointCloud {
  const ordered = inOrder(columns, where);
  const width = ordered.length;
  if (rows * width > MOST_NUMBERS) {
    throw new Error(
      `${where}: expected at most ${MOST_NUMBERS} numbers, got ${rows} rows of ${width}: cut the file up`,
    );
  }
  const names = ordered.map(({ name }) => name);
  const mustBeFinite = names[3] === "intensity" ? 4 : 3;
  if (floats !== undefined && ordered.every(({ at }, c) => at === columns[c].at)) {
    const points = finiteRows(floats, width, mustBeFinite);
    return { points, columns: names, dropped: rows - points.length / width };
  }
  const points = new Float32Array(rows * width);
  let kept = 0;
  for (let row = 0; row < rows; row++) {
    const base = kept * width;
    let finite = true;
    for (let c = 0; c < width; c++) {
      const value = ordered[c].at(row);
      points[base + c] = value;
      // A place that is finite but beyond float32 is refused below; an intensity that is, dropped.
      if (c < mustBeFinite && !Number.isFinite(c < 3 ? value : points[base + c])) finite = false;
    }
    if (!finite) continue;
    for (let c = 0; c < 3; c++) {
      const value = ordered[c].at(row);
      if (Math.abs(points[base + c] - value) > MOST_LOST) throw tooCoarse(ordered[c].name, { value, row, where });
    }
    kept += 1;
  }
  return { points: kept === rows ? points : points.slice(0, kept * width), columns: names, dropped: rows - kept };
}

/** The rows whose first numbers are finite, in the same memory. */
function finiteRows(points: Float32Array, width: number, mustBeFinite: number): Float32Array {
  let kept = 0;
  for (let base = 0; base < points.length; base += width) {
    let sum = 0; // of zeros; NaN as soon as a number is not finite
    for (let c = 0; c < mustBeFinite; c++) sum += points[base + c] * 0;
    if (sum !== 0) continue;
    if (kept < base) points.copyWithin(kept, base, base + width);
    kept += width;
  }
  return kept === points.length ? points : points.slice(0, kept);
}

function inOrder(columns: readonly Column[], where: string): Column[] {
  if (columns.length > MOST_COLUMNS) {
    throw new Error(`${where}: expected at most ${MOST_COLUMNS} columns, got ${columns.length}`);
  }
  const named = new Map<string, Column>();
  for (const { name, at } of columns) {
    const lower = name.toLowerCase();
    const own = ALIASES.get(lower) ?? lower;
    if (named.has(own)) throw new Error(`${where}: expected each column once, got ${quoted(own)} twice`);
    named.set(own, { name: own, at });
  }
  const places = ["x", "y", "z"].map((axis) => {
    const column = named.get(axis);
    if (column !== undefined) return column;
    const names = [...named.keys()].slice(0, 20).map(quoted).join(", ");
    throw new Error(`${where}: expected the columns x, y and z, got ${names || "none"}`);
  });
  const intensity = named.get("intensity");
  const rest = [...named.values()].filter((column) => !places.includes(column) && column !== intensity);
  return [...places, ...(intensity === undefined ? [] : [intensity]), ...rest];
}

function tooCoarse(name: string, { value, row, where }: { value: number; row: number; where: string }): Error {
  return new Error(
    `${where}: row ${row}: expected coordinates that float32 holds to a centimetre, got ${name} = ${value} (map coordinates?): ` +
      "subtract the sensor's place, or the middle of the file, from all points and write the file again",
  );
}
