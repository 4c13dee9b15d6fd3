/** Where two values differ. */
export interface Difference {
  /** such as `recipe.detector.classes[0].name` */
  readonly path: string;
  /** both values in words */
  readonly first: string;
  readonly second: string;
}

/** Characters of a value that is shown. */
const SHOWN = 40;

/**
 * Where two values of plain data differ, in the order of the first one's keys, then of the second's. The order of keys does not
 * count, that of lists does; `undefined` is no key. Lists of different lengths differ as a whole.
 */
export function differences(first: unknown, second: unknown, path = ""): Difference[] {
  if (Object.is(first, second)) return [];
  const whole = [{ path, first: describe(first), second: describe(second) }];
  if (Array.isArray(first) || Array.isArray(second)) {
    if (!Array.isArray(first) || !Array.isArray(second) || first.length !== second.length) return whole;
    return first.flatMap((entry, i) => differences(entry, second[i], `${path}[${i}]`));
  }
  if (!isMapping(first) || !isMapping(second)) return whole;
  const keys = new Set([...Object.keys(first), ...Object.keys(second)]);
  return [...keys].flatMap((key) => differences(first[key], second[key], path === "" ? key : `${path}.${key}`));
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function describe(value: unknown): string {
  if (value === undefined) return "left out";
  const text = JSON.stringify(value);
  if (text.length <= SHOWN) return text;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return isMapping(value) ? "a mapping" : `${text.slice(0, SHOWN - 3)}...`;
}
