import { quoted } from "./quoted.js";

/**
 * A byte order mark before the text, as Windows' editors and PowerShell write it, is no part of it.
 * @param place what the error calls the text: a path, say
 * @throws Error naming the place if it is no JSON
 */
export function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (cause) {
    throw new Error(`${place}: expected JSON, got ${quoted(text)}`, { cause });
  }
}
