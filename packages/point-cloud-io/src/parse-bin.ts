import { quoted } from "checked-text";
import { copiedFloats, stridedColumn, type Table, viewOf } from "./column.js";
import { columnNames } from "./column-names.js";
import type { ParseContext } from "./read-point-cloud.js";

/** A file that begins with so many characters is a text: numbers of four points look like one once in 10^20 files. */
const TEXT = /^[\t\n\r\x20-\x7e]{64}/;

/**
 * Rows of float32 numbers, little endian, without a header, as KITTI and nuScenes have them. Four columns unless they are named.
 * @throws Error if the size is no multiple of the row, or the file is a text
 */
export function parseBin(bytes: Uint8Array, { where, names }: ParseContext): Table {
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  if (TEXT.test(start)) {
    throw new Error(
      `${where}: byte 0: expected float32 numbers, got a text that begins with ${quoted(start.slice(0, 40))}`,
    );
  }
  const columns = columnNames(names?.length ?? 4, { where, names });
  const stride = 4 * columns.length;
  if (bytes.length % stride !== 0) {
    throw new Error(
      `${where}: expected a multiple of ${stride} bytes, ${columns.length} float32 numbers (${columns.join(", ")}) a point, got ` +
        `${bytes.length} bytes (${bytes.length % stride} after the last whole point): name the columns that the file has`,
    );
  }
  const view = viewOf(bytes);
  return {
    rows: bytes.length / stride,
    floats: copiedFloats(bytes),
    columns: columns.map((name, c) =>
      stridedColumn(name, { view, offset: 4 * c, stride, type: "f4", littleEndian: true }),
    ),
  };
}
