import type { PointCloud } from "./read-point-cloud.js";
import { columnInformation } from "./repeating-width.js";

/** No LiDAR of a car sees further, in metres. */
const FAR = 1000;
/** No sensor measures so little: what is smaller, and not 0, is half of a float64 or a whole number. */
const TINY = 1e-20;
/** Rows from which a width can be told by what the columns hold. */
const LEAST_ROWS = 200;

/**
 * What makes a scan doubtful as what it claims to be, a sentence each; empty if nothing does: no points, coordinates beyond a
 * kilometre, tiny numbers (float64 read as float32), numbers that repeat after another number of columns, an intensity
 * outside 0..1, all points in a plane of x, y or z, nearly all of them equal. Doubts are no errors: a scan may be odd and right.
 */
export function doubtsOf({ points, columns }: Pick<PointCloud, "points" | "columns">): string[] {
  const width = columns.length;
  if (points.length < width || width === 0) return ["there are no points"];
  const ranges = columns.map((_, c) => rangeOf(points, c, width));
  // Of columns that are none, nothing is said of what is in them.
  const otherColumns = otherWidth(points, width);
  return [
    ...tooFar(columns, ranges),
    ...tooSmall(points, columns),
    ...(otherColumns.length > 0 ? otherColumns : intensity(columns, ranges)),
    ...flat(columns, ranges, points),
  ];
}

interface Range {
  readonly least: number;
  readonly most: number;
}

function rangeOf(points: Float32Array, c: number, width: number): Range {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = c; i < points.length; i += width) {
    if (points[i] < least) least = points[i];
    if (points[i] > most) most = points[i];
  }
  return { least, most };
}

function shown(value: number): string {
  return Number(value.toPrecision(4)).toString();
}

function tooFar(columns: readonly string[], ranges: readonly Range[]): string[] {
  const far = columns.slice(0, 3).flatMap((name, c) => {
    const { least, most } = ranges[c];
    const value = -least > most ? least : most;
    return Math.abs(value) > FAR ? [`${name} = ${shown(value)} m`] : [];
  });
  if (far.length === 0) return [];
  return [
    `coordinates reach ${far.join(", ")}, beyond ${FAR} m: another number of columns, float64 read as float32, another unit, ` +
      "or map coordinates?",
  ];
}

/** Of places and intensity alone: other columns may hold anything. */
function tooSmall(points: Float32Array, columns: readonly string[]): string[] {
  const width = columns.length;
  const looked = columns[3] === "intensity" ? 4 : 3;
  let tiny = 0;
  for (let base = 0; base < points.length; base += width) {
    for (let c = 0; c < looked; c++) {
      const value = points[base + c];
      if (value !== 0 && Math.abs(value) < TINY) tiny += 1;
    }
  }
  const share = tiny / ((points.length / width) * looked);
  if (share <= 0.001) return [];
  return [
    `${shown(100 * share)} % of the coordinates and intensities are smaller than ${TINY} but not 0: float64 or whole numbers ` +
      "read as float32?",
  ];
}

/** A narrower or wider row that explains the numbers twice as well. */
function otherWidth(points: Float32Array, width: number): string[] {
  if (points.length < LEAST_ROWS * width) return [];
  const information = columnInformation(points, [3, 4, 5, 6, width]);
  const own = information.get(width)!;
  const [best, most] = [...information].reduce((a, b) => (b[1] > 1.1 * a[1] ? b : a));
  if (best === width || most < 0.1 || most < 2 * own) return [];
  return [`the kinds of numbers repeat after ${best}, not after ${width}: does the file have ${best} columns?`];
}

function intensity(columns: readonly string[], ranges: readonly Range[]): string[] {
  const at = columns.indexOf("intensity");
  if (at < 0) return [];
  const { least, most } = ranges[at];
  const doubts: string[] = [];
  if (least < 0) doubts.push(`intensity goes down to ${shown(least)}, where 0 to 1 is usual`);
  if (most > 1) {
    const [scale] = [255, 65535].filter((each) => most <= each);
    doubts.push(
      `intensity goes up to ${shown(most)}, where 0 to 1 is usual${scale === undefined ? "" : `: divide by ${scale}`}`,
    );
  }
  return doubts;
}

function flat(columns: readonly string[], ranges: readonly Range[], points: Float32Array): string[] {
  const width = columns.length;
  const rows = points.length / width;
  if (rows < 2) return [];
  const doubts = columns.slice(0, 3).flatMap((name, c) => {
    const { least, most } = ranges[c];
    return least === most ? [`all points have ${name} = ${shown(least)}`] : [];
  });
  const share = commonest(points, width);
  if (share >= 0.9) doubts.push(`${shown(100 * share)} % of the points are one and the same`);
  return doubts;
}

/** The share of the place that more than half of the points have; 0 if none has. */
function commonest(points: Float32Array, width: number): number {
  const isAt = (base: number, other: number): boolean =>
    points[base] === points[other] && points[base + 1] === points[other + 1] && points[base + 2] === points[other + 2];
  // Boyer and Moore: what most of them have is left when each of it is struck out with one of another kind.
  let candidate = 0;
  let votes = 0;
  for (let base = 0; base < points.length; base += width) {
    if (votes === 0) candidate = base;
    votes += isAt(base, candidate) ? 1 : -1;
  }
  let count = 0;
  for (let base = 0; base < points.length; base += width) if (isAt(base, candidate)) count += 1;
  const share = count / (points.length / width);
  return share > 0.5 ? share : 0;
}
