import { quoted } from "checked-text";
import { MOST_HEADER_BYTES } from "./file-limits.js";

/** A line of a text header. */
export interface HeaderLine {
  /** from 1 */
  readonly number: number;
  /** without what ends it, and without spaces at both ends */
  readonly text: string;
  /** byte after the line */
  readonly end: number;
}

/**
 * The lines of a header that is followed by other bytes, one by one: who reads them stops at the last.
 * @throws Error if none of them was the last
 */
export function* headerLines(
  bytes: Uint8Array,
  { where, last }: { where: string; last: string },
): Generator<HeaderLine> {
  const limit = Math.min(bytes.length, MOST_HEADER_BYTES);
  let begin = 0;
  let number = 1;
  for (; begin < limit; number++) {
    const feed = bytes.subarray(0, limit).indexOf(10, begin);
    // Half a line says nothing.
    if (feed < 0 && bytes.length > limit) break;
    const end = feed < 0 ? limit : feed + 1;
    yield { number, text: new TextDecoder("latin1").decode(bytes.subarray(begin, end)).trim(), end };
    begin = end;
  }
  throw new Error(
    `${where}: line ${number}: expected ${quoted(last)} in the first ${MOST_HEADER_BYTES} bytes, got ` +
      (bytes.length > limit ? "none" : "the end of the file"),
  );
}
