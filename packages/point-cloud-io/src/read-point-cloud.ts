import { printable } from "checked-text";
import type { Table } from "./column.js";
import { type FileFormat, formatOf } from "./file-format.js";
import { gather } from "./gather.js";
import { parseBin } from "./parse-bin.js";
import { parseLas } from "./parse-las.js";
import { parseNpy } from "./parse-npy.js";
import { parsePcd } from "./parse-pcd.js";
import { parsePly } from "./parse-ply.js";

/** A scan. */
export interface PointCloud {
  /** [n, columns.length] row-major, in the file's own frame and units */
  readonly points: Float32Array;
  /** names, lower case: x, y, z, then intensity if the file has it, then what else it has, as the file names it */
  readonly columns: readonly string[];
  /** rows that were dropped because x, y, z or intensity is not finite */
  readonly dropped: number;
}

/** What the bytes do not say. */
export interface ReadOptions {
  /** file name or path: its ending says the format (bin, npy, pcd, ply, las, laz; any case), and it stands in every error */
  readonly name: string;
  /** names of the columns of a file that names none (.bin, .npy): default x, y, z, intensity for four; x, y, z for three */
  readonly columns?: readonly string[];
}

/** What a format's reader is told. */
export interface ParseContext {
  /** what begins an error: the function and the file's name */
  readonly where: string;
  /** {@link ReadOptions.columns} */
  readonly names: readonly string[] | undefined;
}

const PARSERS: Readonly<Record<FileFormat, (bytes: Uint8Array, context: ParseContext) => Table | Promise<Table>>> = {
  bin: parseBin,
  npy: parseNpy,
  pcd: parsePcd,
  ply: parsePly,
  las: parseLas,
  laz: parseLas,
};

/**
 * The points of a file. Names are lower case; `i`, `reflectance`, `intensities` and `scalar_intensity` become `intensity`, all others
 * stay (`t`, `timestamp`, `ring`). All become float32: a time in seconds since 1970 keeps two minutes. Rows whose x, y, z or intensity is not finite are left out and counted. No axis is turned
 * and no number scaled: ask {@link doubtsOf} whether it looks like a scan.
 * @param bytes the file's content
 * @throws TypeError for what is no Uint8Array; Error naming the file and the byte or line of a fault: what was expected,
 *   what came and what to do. A file that begins like one of another format is refused, as are coordinates of which float32
 *   would lose more than a centimetre: nothing is subtracted from them
 */
export async function readPointCloud(bytes: Uint8Array, { name, columns }: ReadOptions): Promise<PointCloud> {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(
      `readPointCloud: expected a Uint8Array for bytes, got ${Object.prototype.toString.call(bytes)}`,
    );
  }
  if (typeof name !== "string") {
    throw new TypeError(`readPointCloud: expected a text for name, got ${Object.prototype.toString.call(name)}`);
  }
  const shown = printable(name);
  const where = `readPointCloud: ${shown}`;
  return gather(await PARSERS[formatOf(bytes, shown)](bytes, { where, names: columns }), where);
}
