import { quoted } from "checked-text";

const NUMBER = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan(?:\([^)]*\))?)$/i;

/** A word as a number; "nan" and "inf" are as C writes them. Undefined if it is none. */
export function parseNumber(word: string): number | undefined {
  if (!NUMBER.test(word)) return undefined;
  if (/nan/i.test(word)) return Number.NaN;
  if (/inf/i.test(word)) return word.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(word);
}

/** Goes through the words of lines. */
export class LineReader {
  #text: string;
  #place = 0;
  #line: number;
  #where: string;

  /** @param line number of the first line */
  constructor(text: string, line: number, where: string) {
    this.#text = text;
    this.#line = line - 1;
    this.#where = where;
  }

  /**
   * The words of the next line that has some.
   * @throws Error if there is none
   */
  next(what: string): string[] {
    for (;;) {
      const line = this.#take();
      if (line === undefined) throw this.wrong(what, "the end of the file");
      if (line !== "") return line.split(/\s+/);
    }
  }

  /** The number that a word is. @throws Error if it is none */
  number(word: string | undefined, what: string): number {
    const value = word === undefined ? undefined : parseNumber(word);
    if (value === undefined)
      throw this.wrong(`a number for ${what}`, word === undefined ? "the end of the line" : quoted(word));
    return value;
  }

  /** @throws Error if anything but empty lines is left */
  finish(): void {
    for (let line = this.#take(); line !== undefined; line = this.#take()) {
      if (line !== "") throw this.wrong("the end of the file", quoted(line));
    }
  }

  wrong(expected: string, got: string): Error {
    return new Error(`${this.#where}: line ${this.#line}: expected ${expected}, got ${got}`);
  }

  #take(): string | undefined {
    if (this.#place >= this.#text.length) {
      this.#line += 1;
      return undefined;
    }
    const feed = this.#text.indexOf("\n", this.#place);
    const end = feed < 0 ? this.#text.length : feed;
    const line = this.#text.slice(this.#place, end).trim();
    this.#place = end + 1;
    this.#line += 1;
    return line;
  }
}
