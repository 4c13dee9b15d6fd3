import { quoted } from "checked-text";
import type { NumberType } from "./column.js";
import { MOST_COLUMNS } from "./file-limits.js";
import { headerLines } from "./header-lines.js";

/** A number of an element, or a list of them. */
export interface PlyProperty {
  readonly name: string;
  readonly type: NumberType;
  /** of a list: what its length is stored as */
  readonly lengthType?: NumberType;
}

/** What the file has several of: vertices, faces. */
export interface PlyElement {
  readonly name: string;
  readonly count: number;
  readonly properties: readonly PlyProperty[];
}

/** What a PLY file says of itself. */
export interface PlyHeader {
  readonly format: "ascii" | "binary_little_endian" | "binary_big_endian";
  readonly elements: readonly PlyElement[];
  /** byte where the elements begin */
  readonly end: number;
  /** line where the elements begin */
  readonly line: number;
}

const TYPES: Readonly<Record<string, NumberType>> = {
  ...{ char: "i1", uchar: "u1", short: "i2", ushort: "u2", int: "i4", uint: "u4", float: "f4", double: "f8" },
  ...{ int8: "i1", uint8: "u1", int16: "i2", uint16: "u2", int32: "i4", uint32: "u4", float32: "f4", float64: "f8" },
};
const FORMATS = ["ascii", "binary_little_endian", "binary_big_endian"] as const;

/** The header of a PLY file, version 1.0. @param where what begins an error */
export function parsePlyHeader(bytes: Uint8Array, where: string): PlyHeader {
  let format: PlyHeader["format"] | undefined;
  const elements: (PlyElement & { readonly properties: PlyProperty[] })[] = [];
  for (const { text, number, end } of headerLines(bytes, { where, last: "end_header" })) {
    const wrong = (expected: string): Error =>
      new Error(`${where}: line ${number}: expected ${expected}, got ${quoted(text)}`);
    const [key, ...words] = text.split(/\s+/);
    if (number === 1) {
      if (text !== "ply") throw wrong("ply");
    } else if (key === "comment" || key === "obj_info" || text === "") {
      // says nothing about the numbers
    } else if (key === "format") {
      format = FORMATS.find((each) => each === words[0]);
      if (format === undefined || words[1] !== "1.0") throw wrong(`format ${FORMATS.join(", ")}, and 1.0`);
    } else if (key === "element") {
      if (words.length !== 2 || !/^\d{1,15}$/.test(words[1])) throw wrong("element, its name and how many there are");
      if (elements.some(({ name }) => name === words[0])) throw wrong("each element once");
      elements.push({ name: words[0], count: Number(words[1]), properties: [] });
    } else if (key === "property") {
      const property = parseProperty(words);
      const owner = elements.at(-1);
      if (property === undefined) throw wrong("property, a type (or list and two types) and a name");
      if (owner === undefined) throw wrong("an element before its properties");
      if (owner.properties.length === MOST_COLUMNS) throw wrong(`at most ${MOST_COLUMNS} properties of an element`);
      owner.properties.push(property);
    } else if (key === "end_header") {
      if (format === undefined) throw wrong("a line with the format before the end of the header");
      return { format, elements, end, line: number + 1 };
    } else {
      throw wrong("comment, obj_info, format, element, property or end_header");
    }
  }
  throw new Error("internal: headerLines ended");
}

function parseProperty(words: readonly string[]): PlyProperty | undefined {
  const typeOf = (word: string): NumberType | undefined => (Object.hasOwn(TYPES, word) ? TYPES[word] : undefined);
  if (words[0] === "list") {
    const [lengthType, type] = [typeOf(words[1] ?? ""), typeOf(words[2] ?? "")];
    if (words.length !== 4 || lengthType === undefined || type === undefined || lengthType.startsWith("f"))
      return undefined;
    return { name: words[3], type, lengthType };
  }
  const type = typeOf(words[0] ?? "");
  return words.length === 2 && type !== undefined ? { name: words[1], type } : undefined;
}
