import { stridedColumn, type Table, viewOf } from "./column.js";
import { columnNames } from "./column-names.js";
import type { ParseContext } from "./read-point-cloud.js";

/**
 * Rows of float32 numbers, little endian, without a header, as KITTI and nuScenes have them. Four columns unless they are named.
 * @throws Error if the size is no multiple of the row
 */
export function parseBin(bytes: Uint8Array, { where, names }: ParseContext): Table {
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
    columns: columns.map((name, c) =>
      stridedColumn(name, { view, offset: 4 * c, stride, type: "f4", littleEndian: true }),
    ),
  };
}
