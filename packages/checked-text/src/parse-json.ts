/** Characters of a faulty text that its error shows. */
const SHOWN = 40;

/**
 * @param place what the error calls the text: a path, say
 * @throws Error naming the place if it is no JSON
 */
export function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${place}: expected JSON, got ${JSON.stringify(text.slice(0, SHOWN))}`, { cause });
  }
}
