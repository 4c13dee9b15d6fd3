import { quoted } from "checked-text";
import { type NumberType, sizeOf, stridedColumn, type Table, viewOf } from "./column.js";
import { columnNames } from "./column-names.js";
import { MOST_COLUMNS, MOST_NPY_HEADER_BYTES } from "./file-limits.js";
import type { ParseContext } from "./read-point-cloud.js";

interface Field {
  readonly name: string;
  readonly type: NumberType;
  readonly littleEndian: boolean;
}

interface Header {
  /** one number, or a record of named ones */
  readonly fields: Field | readonly Field[];
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

/**
 * NumPy's own format, versions 1 to 3: an array [n, columns] of integers, float16, float32 or float64, either byte order, in C's or
 * Fortran's order; or an array [n] of records whose fields are numbers, which names its columns.
 * @throws Error for another dtype or shape, and if the bytes are fewer or more than the shape says
 */
export function parseNpy(bytes: Uint8Array, { where, names }: ParseContext): Table {
  const { text, start } = headerText(bytes, where);
  const { fields, fortran, shape } = parseHeader(text, where);
  const view = viewOf(bytes);
  if (isRecord(fields)) {
    if (shape.length !== 1) throw wrong(where, "the shape (n,) for an array of records", `(${shape.join(", ")})`);
    const stride = fields.reduce((sum, { type }) => sum + sizeOf(type), 0);
    checkSize(bytes.length - start, shape[0] * stride, { where, what: `${shape[0]} records of ${stride} bytes` });
    let offset = start;
    const columns = fields.map(({ name, type, littleEndian }) => {
      const column = stridedColumn(name, { view, offset, stride, type, littleEndian });
      offset += sizeOf(type);
      return column;
    });
    return { rows: shape[0], columns };
  }
  if (shape.length !== 2) throw wrong(where, "the shape (points, columns)", `(${shape.join(", ")})`);
  const [rows, width] = shape;
  if (width < 3 || width > MOST_COLUMNS)
    throw wrong(where, `3 to ${MOST_COLUMNS} columns in the shape (points, columns)`, `(${shape.join(", ")})`);
  const size = sizeOf(fields.type);
  checkSize(bytes.length - start, rows * width * size, {
    where,
    what: `${rows} rows of ${width} numbers of ${size} bytes`,
  });
  const [stride, step] = fortran ? [size, rows * size] : [width * size, size];
  const columns = columnNames(width, { where, names }).map((name, c) =>
    stridedColumn(name, {
      view,
      offset: start + c * step,
      stride,
      type: fields.type,
      littleEndian: fields.littleEndian,
    }),
  );
  return { rows, columns };
}

function isRecord(fields: Header["fields"]): fields is readonly Field[] {
  return Array.isArray(fields);
}

function wrong(where: string, expected: string, got: string): Error {
  return new Error(`${where}: header: expected ${expected}, got ${got}`);
}

function checkSize(there: number, wanted: number, { where, what }: { where: string; what: string }): void {
  if (there === wanted) return;
  throw new Error(`${where}: expected ${wanted} bytes after the header (${what}), got ${there}: write the file again`);
}

/** The header's text, and where the numbers begin. Its length has two bytes in version 1, four in 2 and 3. */
function headerText(bytes: Uint8Array, where: string): { text: string; start: number } {
  const magic = String.fromCharCode(...bytes.subarray(0, 6));
  if (magic !== "\x93NUMPY") throw new Error(`${where}: byte 0: expected "\\x93NUMPY", got ${quoted(magic)}`);
  const version = bytes[6];
  if (!(version >= 1 && version <= 3)) {
    throw new Error(`${where}: byte 6: expected version 1, 2 or 3, got ${version ?? "the end of the file"}`);
  }
  const first = version === 1 ? 10 : 12;
  if (bytes.length < first) throw new Error(`${where}: byte 8: expected the header's length, got the end of the file`);
  const length = version === 1 ? viewOf(bytes).getUint16(8, true) : viewOf(bytes).getUint32(8, true);
  const start = first + length;
  if (length > MOST_NPY_HEADER_BYTES || start > bytes.length) {
    throw new Error(
      `${where}: byte 8: expected a header of at most ${Math.min(MOST_NPY_HEADER_BYTES, bytes.length - first)} bytes, got ${length}`,
    );
  }
  return { text: new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(bytes.subarray(first, start)), start };
}

const HEADER =
  /^\{(?=.*'descr': *('[^']*'|\[.*?\]) *[,}])(?=.*'fortran_order': *(True|False) *[,}])(?=.*'shape': *\(([\d, L]*)\) *[,}]).*\}\s*$/s;
const FIELD = /^\(\s*'([^']*)'\s*,\s*'([^']*)'\s*\)\s*(?:,\s*|$)/;

function parseHeader(text: string, where: string): Header {
  const match = HEADER.exec(text);
  if (match === null) {
    throw wrong(where, "{'descr': …, 'fortran_order': …, 'shape': (…)}", quoted(text.trim()));
  }
  const [, descr, fortran, dims] = match;
  const shape = dims
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => Number(part.replace("L", "")));
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw wrong(where, "whole numbers in the shape", quoted(dims));
  return { fields: parseDescription(descr, where), fortran: fortran === "True", shape };
}

function parseDescription(descr: string, where: string): Header["fields"] {
  if (descr.startsWith("'")) return { name: "", ...parseDtype(descr.slice(1, -1), where) };
  const fields: Field[] = [];
  let rest = descr.slice(1, -1).trim();
  while (rest !== "") {
    const match = FIELD.exec(rest);
    if (match === null || fields.length > MOST_COLUMNS) {
      throw wrong(where, `up to ${MOST_COLUMNS} records' fields of one number each, ('name', 'type')`, quoted(rest));
    }
    const [all, name, dtype] = match;
    fields.push({ name, ...parseDtype(dtype, where) });
    rest = rest.slice(all.length);
  }
  return fields;
}

function parseDtype(dtype: string, where: string): Omit<Field, "name"> {
  const match = /^([<>|=])([iu][1248]|f[248])$/.exec(dtype);
  if (match === null)
    throw wrong(
      where,
      "a dtype of integers or floats (such as <f4)",
      `${quoted(dtype)}: save it with .astype(numpy.float32)`,
    );
  return { type: match[2] as NumberType, littleEndian: match[1] !== ">" };
}
