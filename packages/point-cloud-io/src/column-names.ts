import { quoted } from "checked-text";
import type { ParseContext } from "./read-point-cloud.js";

const USUAL = ["x", "y", "z", "intensity"];

/**
 * Names of the columns of a file that names none: those that the caller gave, else x, y, z for three and with intensity for four.
 * @throws Error if there is another number of them than of columns
 */
export function columnNames(count: number, { where, names }: ParseContext): readonly string[] {
  if (names === undefined) {
    if (count === 3 || count === 4) return USUAL.slice(0, count);
    throw new Error(
      `${where}: expected the names of its ${count} columns, got none: give them, such as x,y,z,intensity,ring`,
    );
  }
  if (names.length !== count) {
    const given = names.slice(0, 20).map(quoted).join(", ");
    throw new Error(`${where}: expected names for its ${count} columns, got ${names.length} (${given || "none"})`);
  }
  return names;
}
