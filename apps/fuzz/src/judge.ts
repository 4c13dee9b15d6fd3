import { basename } from "node:path";
import type { Target } from "./target.js";

/** A reading may keep the processor for so long, in milliseconds, */
export const MOST_MILLISECONDS = 2000;
/** and the process may have so much memory. */
export const MOST_BYTES = 2 ** 30;

/** What the language or the system says where nobody has thought of a case. */
const UNWORDED =
  /^(Cannot|Invalid|Maximum call stack|Array buffer|Unexpected|Reduce of|Assignment to|E[A-Z]{3,}:|internal:)|is not (a function|iterable|defined)|undefined \(|reading '/;
/** Characters that a terminal would obey. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
/** Errors as this repository writes them. */
const WORDED =
  /expected|cannot|do not fit|required option|unknown (option|command)|missing required argument|too many arguments|error:/i;
/** Characters of an error at most. */
const MOST_CHARACTERS = 20_000;

/** What is wrong with an error; undefined if it is as errors should be. */
export function faultOf(error: unknown, { file, namesFile = true }: Target): string | undefined {
  if (!(error instanceof Error)) return `something else than an Error was thrown: ${String(error)}`;
  const { message, name } = error;
  const shown = `${name}: ${message.slice(0, 300)}`;
  if (UNWORDED.test(message) || !WORDED.test(message)) return `an error without words: ${shown}\n${error.stack ?? ""}`;
  if (namesFile && !message.includes(basename(file))) return `an error without a place: ${shown}`;
  if (CONTROLS.test(message)) return `an error with control characters: ${JSON.stringify(shown)}`;
  if (message.length > MOST_CHARACTERS) return `an error of ${message.length} characters: ${shown}`;
  return undefined;
}
