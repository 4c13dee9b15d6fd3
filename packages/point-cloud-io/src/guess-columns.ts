import { viewOf } from "./column.js";
import { columnInformation } from "./repeating-width.js";

/** What a file without a header seems to hold. */
export interface ColumnGuess {
  /** one for each column: x, y, z, intensity, then ring if it is whole numbers below 256, else column_5 … */
  readonly names: readonly string[];
  /** how the numbers are stored; {@link readPointCloud} takes float32 alone in a `.bin` */
  readonly type: "float32" | "float64";
}

const WIDTHS = [3, 4, 5, 6] as const;
/** Bytes that are looked at: 20 000 rows of six float64 numbers. */
const MOST_BYTES = 960_000;
/** Points below which nothing is said. */
const LEAST_ROWS = 50;
/** No LiDAR sees further, in metres. */
const FAR = 1000;
/** Information in nats below which no width stands out, and by which share of the most another one counts as as good. */
const LEAST_INFORMATION = 0.1;
const AS_GOOD = 0.9;

/**
 * Which of 3, 4, 5 and 6 columns of float32 or float64 makes the bytes of a `.bin` a scan: KITTI has four, nuScenes five. The width is
 * the smallest after which the kinds of numbers repeat ({@link columnInformation}), the whole file must divide by it, and its first
 * three columns must be places: within a kilometre, wider in x and y than a metre.
 * @param name of the file, for the error
 * @returns undefined where that is unclear
 * @throws TypeError for what is no Uint8Array
 */
export function guessColumns(bytes: Uint8Array, name: string): ColumnGuess | undefined {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`guessColumns: ${name}: expected a Uint8Array, got ${Object.prototype.toString.call(bytes)}`);
  }
  const guesses = (["float32", "float64"] as const).flatMap((type) => {
    const names = namesOf(bytes, type);
    return names === undefined ? [] : [{ names, type }];
  });
  return guesses.length === 1 ? guesses[0] : undefined;
}

function namesOf(bytes: Uint8Array, type: ColumnGuess["type"]): string[] | undefined {
  const size = type === "float32" ? 4 : 8;
  const view = viewOf(bytes.subarray(0, MOST_BYTES));
  const values = Float64Array.from({ length: Math.floor(view.byteLength / size) }, (_, i) =>
    size === 4 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true),
  );
  if (!values.every((value) => value === 0 || (Math.abs(value) > 1e-20 && Math.abs(value) < 1e12))) return undefined;
  const possible = WIDTHS.filter((width) => bytes.length % (width * size) === 0 && values.length >= LEAST_ROWS * width);
  const information = columnInformation(values, WIDTHS);
  const most = Math.max(...information.values());
  const width = WIDTHS.find((each) => information.get(each)! >= AS_GOOD * most);
  if (most < LEAST_INFORMATION || width === undefined || !possible.includes(width)) return undefined;
  const column = (c: number) => values.filter((_, i) => i % width === c);
  const isFar = (c: number) => column(c).some((value) => Math.abs(value) > FAR);
  const isWide = (c: number) => spread(column(c)) > 1;
  if (isFar(0) || isFar(1) || isFar(2) || !isWide(0) || !isWide(1)) return undefined;
  return Array.from({ length: width }, (_, c) => ["x", "y", "z", "intensity"][c] ?? nameOf(column(c), c));
}

function nameOf(values: Float64Array, c: number): string {
  const isRing = c === 4 && values.every((value) => Number.isInteger(value) && value >= 0 && value < 256);
  return isRing && spread(values) > 0 ? "ring" : `column_${c + 1}`;
}

function spread(values: Float64Array): number {
  return values.reduce((a, b) => Math.max(a, b), -Infinity) - values.reduce((a, b) => Math.min(a, b), Infinity);
}
