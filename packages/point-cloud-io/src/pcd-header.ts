import { quoted } from "checked-text";
import type { NumberType } from "./column.js";
import { MOST_COLUMNS } from "./file-limits.js";
import { headerLines } from "./header-lines.js";

/** Some numbers of a point. */
export interface PcdField {
  /** `_` for bytes that mean nothing */
  readonly name: string;
  readonly type: NumberType;
  /** numbers of a point; 0 is possible */
  readonly count: number;
}

/** What a PCD file says of itself. */
export interface PcdHeader {
  readonly fields: readonly PcdField[];
  readonly points: number;
  readonly data: "ascii" | "binary" | "binary_compressed";
  /** byte where the points begin */
  readonly end: number;
  /** line where the points begin */
  readonly line: number;
}

type Entries = Map<string, { readonly words: readonly string[]; readonly number: number }>;

const KEYS = ["VERSION", "FIELDS", "SIZE", "TYPE", "COUNT", "WIDTH", "HEIGHT", "VIEWPOINT", "POINTS", "DATA"];
const REQUIRED = ["FIELDS", "SIZE", "TYPE", "WIDTH", "HEIGHT", "DATA"];
/** Paddings of 2^20 bytes a point would be odd enough. */
const MOST_COUNT = 2 ** 20;

/**
 * The header of a PCD file, version 0.7 and its predecessors. VERSION and VIEWPOINT, where the sensor stood, change nothing: points
 * stay as they are in the file. COUNT may be missing, and is 1 then; so may POINTS.
 * @param where what begins an error
 */
export function parsePcdHeader(bytes: Uint8Array, where: string): PcdHeader {
  const entries: Entries = new Map();
  for (const { text, number, end } of headerLines(bytes, { where, last: "DATA" })) {
    if (text === "" || text.startsWith("#")) continue;
    const [key, ...words] = text.split(/\s+/);
    // Version 0.5 had COLUMNS where the others have FIELDS.
    const known = key === "COLUMNS" ? "FIELDS" : key;
    if (!KEYS.includes(known)) throw wrong(where, number, `one of ${KEYS.join(", ")}`, quoted(key));
    if (entries.has(known)) throw wrong(where, number, `${known} once`, "it again");
    entries.set(known, { words, number });
    if (known === "DATA") return finishHeader(entries, where, { end, line: number + 1 });
  }
  throw new Error("internal: headerLines ended");
}

function finishHeader(entries: Entries, where: string, place: { end: number; line: number }): PcdHeader {
  for (const key of REQUIRED) {
    if (!entries.has(key)) throw wrong(where, place.line - 1, `${key} before DATA`, "none");
  }
  const size = (key: string): number => {
    const { words, number } = entries.get(key)!;
    const value = wholeNumber(words[0]);
    if (words.length !== 1 || value === undefined)
      throw wrong(where, number, `a whole number for ${key}`, quoted(words.join(" ")));
    return value;
  };
  const points = size("WIDTH") * size("HEIGHT");
  if (entries.has("POINTS") && size("POINTS") !== points) {
    throw wrong(where, entries.get("POINTS")!.number, `WIDTH times HEIGHT, ${points}, for POINTS`, `${size("POINTS")}`);
  }
  const { words, number } = entries.get("DATA")!;
  const data = words.join(" ");
  if (data !== "ascii" && data !== "binary" && data !== "binary_compressed") {
    throw wrong(where, number, "ascii, binary or binary_compressed for DATA", quoted(data));
  }
  return { fields: parseFields(entries, where), points, data, ...place };
}

function parseFields(entries: Entries, where: string): PcdField[] {
  const { words: names, number } = entries.get("FIELDS")!;
  if (names.length > MOST_COLUMNS) throw wrong(where, number, `at most ${MOST_COLUMNS} fields`, `${names.length}`);
  const perField = (key: string): readonly string[] => {
    const { words, number } = entries.get(key)!;
    if (words.length !== names.length)
      throw wrong(where, number, `${names.length} words for ${key}, as for FIELDS`, `${words.length}`);
    return words;
  };
  const [sizes, types] = [perField("SIZE"), perField("TYPE")];
  const counts = entries.has("COUNT") ? perField("COUNT") : names.map(() => "1");
  return names.map((name, i) => {
    const type = `${types[i]}${sizes[i]}`;
    if (!/^(?:[IU][1248]|F[48])$/.test(type)) {
      const { number } = entries.get("TYPE")!;
      throw wrong(
        where,
        number,
        "TYPE I or U of SIZE 1, 2, 4 or 8, or F of 4 or 8",
        `${quoted(types[i])} of ${quoted(sizes[i])}`,
      );
    }
    const count = wholeNumber(counts[i]);
    if (count === undefined || count > MOST_COUNT) {
      throw wrong(
        where,
        entries.get("COUNT")!.number,
        `whole numbers up to ${MOST_COUNT} for COUNT`,
        quoted(counts[i]),
      );
    }
    return { name, type: type.toLowerCase() as NumberType, count };
  });
}

function wholeNumber(word: string | undefined): number | undefined {
  if (word === undefined || !/^\d{1,15}$/.test(word)) return undefined;
  return Number(word);
}

function wrong(where: string, line: number, expected: string, got: string): Error {
  return new Error(`${where}: line ${line}: expected ${expected}, got ${got}`);
}
