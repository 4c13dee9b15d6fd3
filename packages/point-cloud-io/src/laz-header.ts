import { viewOf } from "./column.js";
import { MOST_UNPACKED_BYTES } from "./file-limits.js";

/** Makes the error for a byte of a file: what was expected there and what came. */
export type Fault = (byte: number, expected: string, got: string | number) => Error;

/** What the header says about the points. */
export interface PackedPoints {
  readonly format: number;
  readonly rows: number;
  /** bytes of a record */
  readonly stride: number;
  /** where they begin in the file */
  readonly start: number;
}

/** How they are packed. */
export interface Packing {
  /** of all items: 2 of the early formats, 3 or 4 of the late ones */
  readonly version: number;
  /** bytes of a record beyond its format's */
  readonly extra: number;
  /** where the table of chunks begins, behind them */
  readonly table: number;
}

/** An item of LASzip's record: a part of each point. */
interface Item {
  readonly type: number;
  readonly size: number;
  readonly version: number;
}

/** Types of items: bytes, and the parts of the point formats. */
const BYTES = 0;
const LATE_BYTES = 14;
const FORMATS: Readonly<Record<number, readonly number[]>> = {
  0: [6],
  1: [6, 7],
  2: [6, 8],
  3: [6, 7, 8],
  6: [10],
  7: [10, 11],
  8: [10, 12],
};
const SIZES: Readonly<Record<number, number>> = { 6: 20, 7: 8, 8: 6, 10: 30, 11: 6, 12: 8 };
/** Layers of a chunk of late points: those of each item; bytes have one each. */
const LAYERS: Readonly<Record<number, number>> = { 10: 9, 11: 1, 12: 2 };

/** Of chunks that differ in size. */
const VARIABLE = 2 ** 32 - 1;

/** Of a record between header and points, before its content. */
const RECORD_HEADER = 54;

/** Points that a byte may hold at most. A point that repeats the one before takes some 0.0075 bits: 1070 points a byte. */
const MOST_POINTS_A_BYTE = 2 ** 11;

/**
 * How the points of a LAZ file are packed, as far as it can be told without unpacking them: LASzip's record, the place and length of
 * the table of chunks, and the layers of the formats 6 to 8. All lies within the file.
 * @throws Error by `fault`: for formats other than 0 to 3 and 6 to 8, other ways of packing, and more points than their bytes can hold
 */
export function packingOf(file: Uint8Array, points: PackedPoints, fault: Fault): Packing {
  const { format, rows, stride, start } = points;
  if (FORMATS[format] === undefined) {
    throw fault(
      104,
      "packed points of the formats 0 to 3 or 6 to 8",
      `${format}: unpack it first, for example with LASzip`,
    );
  }
  if (start + 8 > file.length) throw fault(start, "the place of the chunks' table", "the end of the file");
  const at = placeOfRecord(file, start, fault);
  const view = viewOf(file);
  const chunkSize = view.getUint32(at + 12, true);
  const { version, extra } = checkItems(view, at, { ...points, fault });
  const most = Math.min(MOST_POINTS_A_BYTE * (file.length - start), Math.floor(MOST_UNPACKED_BYTES / stride));
  if (rows > most) throw fault(107, `at most ${most} points in ${file.length - start} bytes`, rows);
  const isBehind = view.getBigInt64(start, true) === -1n; // where the writer could not go back
  const place = isBehind ? file.length - 8 : start;
  const table = Number(view.getBigInt64(place, true));
  const chunks = { ...points, table, fixed: chunkSize === VARIABLE ? undefined : chunkSize };
  if (!(table >= start + 8 && table + 8 <= file.length)) {
    throw fault(place, `the place of the chunks' table, from ${start + 8} to ${file.length - 8}`, table);
  }
  if (view.getUint32(table, true) !== 0) {
    throw fault(table, "version 0 of the chunks' table", view.getUint32(table, true));
  }
  checkCount(view, chunks, fault);
  if (format > 5) checkLayers(view, { ...chunks, extra }, fault);
  return { version, extra, table };
}

/** Where the content of LASzip's record begins, among the records between header and points. */
function placeOfRecord(file: Uint8Array, start: number, fault: Fault): number {
  const view = viewOf(file);
  const first = view.getUint16(94, true);
  const count = view.getUint32(100, true);
  const most = Math.max(0, Math.floor((start - first) / RECORD_HEADER));
  if (count > most) throw fault(100, `at most ${most} records before the points`, count);
  let at = first;
  for (let left = count; left > 0 && at + RECORD_HEADER <= start; left--) {
    const content = at + RECORD_HEADER;
    const size = view.getUint16(at + 20, true);
    const user = String.fromCharCode(...file.subarray(at + 2, at + 18)).replace(/\0.*$/s, "");
    if (user === "laszip encoded" && view.getUint16(at + 18, true) === 22204) {
      const left = Math.min(size, start - content);
      if (size > left || size < 34 + 6 * view.getUint16(content + 32, true)) {
        throw fault(content, "a record of LASzip with its items", `${left} bytes`);
      }
      return content;
    }
    at = content + size;
  }
  throw fault(first, 'a record of the user "laszip encoded" before the points', "none");
}

function checkItems(
  view: DataView,
  at: number,
  { format, stride, fault }: PackedPoints & { fault: Fault },
): Omit<Packing, "table"> {
  const own = format < 6 ? 2 : 3;
  const [compressor, coder] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
  if (compressor !== own || coder !== 0) {
    throw fault(at, `compressor ${own} and coder 0 for point format ${format}`, `${compressor} and ${coder}`);
  }
  const items = Array.from({ length: view.getUint16(at + 32, true) }, (_, i): Item => {
    const [type, size, version] = [34, 36, 38].map((offset) => view.getUint16(at + 6 * i + offset, true));
    return { type, size, version };
  });
  const types = FORMATS[format];
  const wanted = types.map((type) => ({ type, size: SIZES[type] }));
  const extra = stride - wanted.reduce((sum, { size }) => sum + size, 0);
  if (extra > 0) wanted.push({ type: format < 6 ? BYTES : LATE_BYTES, size: extra });
  const versions = format < 6 ? [2] : [3, 4];
  const isAsWanted =
    items.length === wanted.length &&
    items.every(({ type, size, version }, i) => {
      return type === wanted[i].type && size === wanted[i].size && version === items[0].version;
    });
  if (isAsWanted && versions.includes(items[0].version)) return { version: items[0].version, extra };
  const shown = (list: readonly { type: number; size: number }[]) => list.map(({ type, size }) => `${type} (${size})`);
  throw fault(
    at + 34,
    `items ${shown(wanted).join(", ")} of version ${versions.join(" or ")}`,
    `${shown(items).join(", ") || "none"} of version ${items.map(({ version }) => version).join(", ") || "0"}`,
  );
}

interface Chunks extends PackedPoints {
  readonly table: number;
  /** points of all chunks but the last; undefined: they differ */
  readonly fixed: number | undefined;
}

/** As many chunks as the points make, each with its first point, which is not packed. */
function checkCount(view: DataView, { rows, stride, start, table, fixed }: Chunks, fault: Fault): void {
  const count = view.getUint32(table + 4, true);
  const most = Math.min(rows, Math.floor((table - start - 8) / stride));
  const wanted = fixed === undefined ? undefined : Math.ceil(rows / fixed);
  if (count > most || (wanted !== undefined && count !== wanted)) {
    throw fault(table + 4, `${wanted ?? `at most ${most}`} chunks for ${rows} points`, count);
  }
}

/** Late formats say in each chunk how many points and bytes it has: from chunk to chunk all points, and none beyond the table. */
function checkLayers(
  view: DataView,
  { format, rows, stride, start, table, fixed, extra }: Chunks & { extra: number },
  fault: Fault,
): void {
  const layers = FORMATS[format].reduce((sum, type) => sum + LAYERS[type], extra);
  let at = start + 8;
  for (let left = rows; left > 0; ) {
    const sizes = at + stride + 4;
    if (sizes + 4 * layers > table) throw fault(at, `a chunk for the last ${left} points`, `${table - at} bytes`);
    const count = view.getUint32(sizes - 4, true);
    const wanted = Math.min(fixed ?? count, left);
    if (count < 1 || count !== wanted) throw fault(sizes - 4, `a chunk of ${Math.max(1, wanted)} points`, count);
    at = sizes + 4 * layers;
    for (let layer = 0; layer < layers; layer++) {
      const size = view.getUint32(sizes + 4 * layer, true);
      if (size > table - at) throw fault(sizes + 4 * layer, `a layer of at most ${table - at} bytes`, size);
      at += size;
    }
    left -= count;
  }
}
