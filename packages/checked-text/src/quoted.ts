/** What a terminal would obey: control characters, marks of direction, separators of lines; but for the line feed and the tab. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Characters of a text that are shown. */
const SHOWN = 60;

/** A piece of a file for an error message: in quotes, cut to a readable length, its control characters as \uXXXX. */
export function quoted(text: string): string {
  return printable(JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text));
}

/** A text of several lines for a terminal: its control characters, but for line feeds and tabs, as \uXXXX. */
export function printable(text: string): string {
  return text.replace(CONTROLS, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
