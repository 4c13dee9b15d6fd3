import { parseDocument } from "yaml";
import { printable } from "./quoted.js";

/** Characters of a text at most; real configurations have about 2000. */
const MAX_CHARACTERS = 65536;

/**
 * YAML 1.2 (or JSON) as a value. Aliases are refused: a small text must not become a large value.
 * @param place what the error calls the text: a path, say
 * @throws Error naming the place if it is no such YAML
 */
export function parseYaml(text: string, place: string): unknown {
  if (text.length > MAX_CHARACTERS) {
    throw new Error(`${place}: expected at most ${MAX_CHARACTERS} characters of YAML, got ${text.length}`);
  }
  let fault: unknown;
  try {
    const document = parseDocument(text, { version: "1.2", schema: "core", merge: false, prettyErrors: true });
    fault = document.errors[0];
    if (fault === undefined) return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    fault = error;
  }
  const reason = printable(fault instanceof Error ? fault.message.trimEnd() : String(fault));
  throw new Error(`${place}: expected YAML without aliases, got ${reason}`, { cause: fault });
}
