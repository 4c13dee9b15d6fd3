import { type Column, sizeOf, stridedColumn, type Table, viewOf } from "./column.js";
import { MOST_COLUMNS, MOST_NUMBERS, MOST_UNPACKED_BYTES } from "./file-limits.js";
import { MOST_LZF_GROWTH, unpackLzf } from "./lzf.js";
import { type PcdField, type PcdHeader, parsePcdHeader } from "./pcd-header.js";
import type { ParseContext } from "./read-point-cloud.js";
import { LineReader } from "./text-numbers.js";

/**
 * A file of the Point Cloud Library: ascii, binary or binary_compressed; every TYPE and SIZE; fields of several numbers become columns
 * `name_0`, `name_1` …; fields named `_` are padding, whatever their COUNT. VIEWPOINT is not applied: points stay in the frame in
 * which the file has them.
 * @throws Error with the line of the header or of the points, or the byte
 */
export function parsePcd(bytes: Uint8Array, { where }: ParseContext): Table {
  const header = parsePcdHeader(bytes, where);
  const width = header.fields.reduce((sum, { name, count }) => sum + (name === "_" ? 0 : count), 0);
  if (width > MOST_COLUMNS) throw new Error(`${where}: expected at most ${MOST_COLUMNS} numbers a point, got ${width}`);
  if (header.data === "ascii") return asciiTable(bytes, { header, where });
  const row = header.fields.reduce((sum, field) => sum + bytesOf(field), 0);
  const wanted = row * header.points;
  const body = bytes.subarray(header.end);
  if (header.data === "binary_compressed") {
    return { rows: header.points, columns: fieldColumns(unpack(body, { wanted, header, where }), header) };
  }
  // PCL may leave zeros behind the points, as it maps the file in pages.
  if (body.length < wanted || body.subarray(wanted).some((byte) => byte !== 0))
    throw wrongSize(body.length, { wanted, row, header, where });
  return { rows: header.points, columns: fieldColumns(body, header, row) };
}

function bytesOf({ type, count }: PcdField): number {
  return sizeOf(type) * count;
}

interface Sizes {
  readonly wanted: number;
  readonly row: number;
  readonly header: PcdHeader;
  readonly where: string;
}

function wrongSize(there: number, { wanted, row, header: { points, end }, where }: Sizes): Error {
  return new Error(
    `${where}: byte ${end}: expected ${wanted} bytes of points (${points} of ${row} bytes), got ${there}: write the file again`,
  );
}

/** Columns of numbers that lie point after point in rows of so many bytes, or, without a row, field after field. */
function fieldColumns(body: Uint8Array, { fields, points }: PcdHeader, row?: number): Column[] {
  const view = viewOf(body);
  let start = 0;
  return fields.flatMap((field) => {
    const { name, type } = field;
    const own = bytesOf(field);
    const first = start;
    start += row === undefined ? own * points : own;
    return numbersOf(field).map(({ label, index }) => {
      const layout = { view, offset: first + index * sizeOf(type), stride: row ?? own, type, littleEndian: true };
      return stridedColumn(label ?? name, layout);
    });
  });
}

/** What is read of a field: nothing of padding, one column, or one for each of its numbers. */
function numbersOf({ name, count }: PcdField): { label: string; index: number }[] {
  if (name === "_") return [];
  return Array.from({ length: count }, (_, index) => ({ label: count === 1 ? name : `${name}_${index}`, index }));
}

interface Packed {
  readonly wanted: number;
  readonly header: PcdHeader;
  readonly where: string;
}

function unpack(body: Uint8Array, { wanted, header: { end }, where }: Packed): Uint8Array {
  if (body.length < 8)
    throw new Error(`${where}: byte ${end}: expected two sizes of 4 bytes, got ${body.length} bytes`);
  const [packed, unpacked] = [viewOf(body).getUint32(0, true), viewOf(body).getUint32(4, true)];
  const there = body.length - 8;
  if (packed > there)
    throw new Error(`${where}: byte ${end}: expected ${packed} packed bytes, got ${there}: write the file again`);
  if (unpacked !== wanted) {
    throw new Error(
      `${where}: byte ${end + 4}: expected ${wanted} unpacked bytes, as the header says, got ${unpacked}`,
    );
  }
  if (unpacked > Math.min(MOST_UNPACKED_BYTES, MOST_LZF_GROWTH * packed)) {
    const most = Math.min(MOST_UNPACKED_BYTES, MOST_LZF_GROWTH * packed);
    throw new Error(
      `${where}: byte ${end + 4}: expected at most ${most} unpacked bytes of ${packed} packed ones, got ${unpacked}`,
    );
  }
  try {
    return unpackLzf(body.subarray(8, 8 + packed), unpacked);
  } catch (cause) {
    throw new Error(`${where}: byte ${end + 8}: ${(cause as Error).message}: write the file again`, { cause });
  }
}

function asciiTable(bytes: Uint8Array, { header, where }: { header: PcdHeader; where: string }): Table {
  const { fields, points, end, line } = header;
  const words = fields.reduce((sum, { count }) => sum + count, 0);
  const taken: { name: string; word: number }[] = [];
  let word = 0;
  for (const field of fields) {
    for (const { label, index } of numbersOf(field)) taken.push({ name: label, word: word + index });
    word += field.count;
  }
  // Each number is a character and a space at least.
  const most = Math.min(MOST_NUMBERS, (bytes.length - end + 1) / 2);
  if (points * words > most) {
    throw new Error(
      `${where}: expected ${points} points of ${words} numbers after the header, got ${bytes.length - end} bytes`,
    );
  }
  const values = new Float64Array(points * taken.length);
  const lines = new LineReader(new TextDecoder("latin1").decode(bytes.subarray(end)), line, where);
  for (let row = 0; row < points; row++) {
    const found = lines.next(`point ${row} of ${points}`);
    if (found.length !== words) throw lines.wrong(`${words} numbers`, `${found.length}`);
    taken.forEach(({ name, word }, c) => {
      values[row * taken.length + c] = lines.number(found[word], name);
    });
  }
  lines.finish();
  return {
    rows: points,
    columns: taken.map(({ name }, c) => ({ name, at: (row) => values[row * taken.length + c] })),
  };
}
