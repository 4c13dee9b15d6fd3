import { numberAt, sizeOf, stridedColumn, type Table, viewOf } from "./column.js";
import { MOST_NUMBERS } from "./file-limits.js";
import { type PlyElement, type PlyHeader, type PlyProperty, parsePlyHeader } from "./ply-header.js";
import type { ParseContext } from "./read-point-cloud.js";
import { LineReader } from "./text-numbers.js";

/**
 * The vertices of a PLY file, in text or binary, either byte order, with every property that is a number. Lists and other elements
 * are skipped; what comes behind the vertices is not looked at.
 * @throws Error with the line or the byte
 */
export function parsePly(bytes: Uint8Array, { where }: ParseContext): Table {
  const header = parsePlyHeader(bytes, where);
  const at = header.elements.findIndex(({ name }) => name === "vertex");
  if (at < 0) {
    const names = header.elements.slice(0, 10).map(({ name }) => JSON.stringify(name));
    throw new Error(`${where}: header: expected the element vertex, got ${names.join(", ") || "no element"}`);
  }
  const job: Job = { bytes, header, before: header.elements.slice(0, at), vertex: header.elements[at], where };
  return header.format === "ascii" ? textTable(job) : binaryTable(job);
}

interface Job {
  readonly bytes: Uint8Array;
  readonly header: PlyHeader;
  /** elements before the vertices */
  readonly before: readonly PlyElement[];
  readonly vertex: PlyElement;
  readonly where: string;
}

function scalars({ properties }: PlyElement): PlyProperty[] {
  return properties.filter(({ lengthType }) => lengthType === undefined);
}

/** Columns over numbers that were read one after the other, vertex by vertex. */
function valueTable(vertex: PlyElement, values: Float64Array): Table {
  const names = scalars(vertex).map(({ name }) => name);
  const columns = names.map((name, c) => ({ name, at: (row: number) => values[row * names.length + c] }));
  return { rows: vertex.count, columns };
}

/** @throws Error unless so many elements, each of so many bytes at least, can be there: before memory is taken for them */
function checkRoom(
  { name, count, properties }: PlyElement,
  { least, left, where }: { least: number; left: number; where: string },
): void {
  if (count * least <= left && count * properties.length <= MOST_NUMBERS) return;
  const room = Math.min(
    least > 0 ? Math.floor(left / least) : 0,
    Math.floor(MOST_NUMBERS / Math.max(1, properties.length)),
  );
  throw new Error(
    `${where}: expected at most ${room} of the element ${JSON.stringify(name)} in the ${left} bytes there, got ${count}`,
  );
}

function textTable({ bytes, header, before, vertex, where }: Job): Table {
  const lines = new LineReader(new TextDecoder("latin1").decode(bytes.subarray(header.end)), header.line, where);
  const left = bytes.length - header.end + 1;
  for (const element of before) {
    checkRoom(element, { least: 2, left, where });
    for (let i = 0; i < element.count; i++) lines.next(`${JSON.stringify(element.name)} ${i} of ${element.count}`);
  }
  checkRoom(vertex, { least: 2 * vertex.properties.length, left, where });
  const values = new Float64Array(vertex.count * scalars(vertex).length);
  let next = 0;
  for (let row = 0; row < vertex.count; row++) {
    const words = lines.next(`vertex ${row} of ${vertex.count}`);
    let word = 0;
    for (const { name, lengthType } of vertex.properties) {
      const value = lines.number(words[word++], name);
      if (lengthType === undefined) {
        values[next++] = value;
        continue;
      }
      if (!(Number.isInteger(value) && value >= 0 && value <= words.length - word)) {
        throw lines.wrong(`a list of at most ${words.length - word} numbers for ${name}`, `${value}`);
      }
      word += value;
    }
    if (word !== words.length) throw lines.wrong(`${word} numbers`, `${words.length}`);
  }
  return valueTable(vertex, values);
}

function binaryTable({ bytes, header, before, vertex, where }: Job): Table {
  const view = viewOf(bytes);
  const littleEndian = header.format === "binary_little_endian";
  const walk = { view, littleEndian, where };
  let start = header.end;
  for (const element of before) {
    checkRoom(element, { least: leastBytes(element), left: bytes.length - start, where });
    start = walkElements(element, { ...walk, start });
  }
  checkRoom(vertex, { least: leastBytes(vertex), left: bytes.length - start, where });
  if (vertex.properties.some(({ lengthType }) => lengthType !== undefined)) {
    const values = new Float64Array(vertex.count * scalars(vertex).length);
    let next = 0;
    walkElements(vertex, {
      ...walk,
      start,
      onNumber: (value) => {
        values[next++] = value;
      },
    });
    return valueTable(vertex, values);
  }
  const stride = leastBytes(vertex);
  let offset = start;
  const columns = vertex.properties.map(({ name, type }) => {
    const column = stridedColumn(name, { view, offset, stride, type, littleEndian });
    offset += sizeOf(type);
    return column;
  });
  return { rows: vertex.count, columns };
}

/** Bytes of an element, its lists without their numbers. */
function leastBytes({ properties }: PlyElement): number {
  return properties.reduce((sum, { type, lengthType }) => sum + sizeOf(lengthType ?? type), 0);
}

interface Walk {
  readonly view: DataView;
  readonly littleEndian: boolean;
  readonly start: number;
  readonly where: string;
  readonly onNumber?: (value: number) => void;
}

/** Goes through elements of any length. @returns the byte behind the last */
function walkElements(element: PlyElement, { view, littleEndian, start, where, onNumber }: Walk): number {
  let at = start;
  const need = (bytes: number, name: string): void => {
    if (bytes <= view.byteLength - at) return;
    throw new Error(
      `${where}: byte ${at}: expected ${bytes} bytes for ${JSON.stringify(name)}, got the end of the file`,
    );
  };
  if (element.properties.length === 0) return at;
  for (let i = 0; i < element.count; i++) {
    for (const { name, type, lengthType } of element.properties) {
      const size = sizeOf(lengthType ?? type);
      need(size, name);
      const value = numberAt(view, at, lengthType ?? type, littleEndian);
      at += size;
      if (lengthType === undefined) {
        onNumber?.(value);
        continue;
      }
      if (value < 0)
        throw new Error(`${where}: byte ${at - size}: expected a length for ${JSON.stringify(name)}, got ${value}`);
      need(value * sizeOf(type), name);
      at += value * sizeOf(type);
    }
  }
  return at;
}
