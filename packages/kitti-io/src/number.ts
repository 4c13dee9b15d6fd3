/** No two parts can match the same digits, so that a hostile word takes linear time. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A finite decimal number, or undefined: no hexadecimal, no "nan" or "inf", no empty text, nothing that overflows. */
export function parseDecimal(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** What JSON leaves as it is and a terminal would obey: delete, the second set of controls, marks of direction. */
const CONTROLS = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A piece of a file for an error message: in quotes, cut to a readable length, its control characters as \uXXXX. */
export function quoted(text: string): string {
  const short = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  return short.replace(CONTROLS, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
