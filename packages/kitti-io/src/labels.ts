import { quoted } from "checked-text";
import { MAX_FILE_BYTES, MAX_NUMBER, MAX_OBJECTS } from "./file-limits.js";
import { atLine, readWhole, writeWhole } from "./files.js";
import { parseDecimal } from "./number.js";

/** One line of a label or result file. Camera frame and units of the file; this package alone uses them. */
export interface KittiObject {
  /** Class name, such as "Car". */
  readonly type: string;
  /** Fraction that lies outside the image, 0..1; -1 where unknown. */
  readonly truncated: number;
  /** 0 fully visible, 1 partly occluded, 2 largely occluded, 3 unknown; -1 where not annotated. */
  readonly occluded: number;
  /** Observation angle, radians, -π..π; -10 where there is none. */
  readonly alpha: number;
  /** [left, top, right, bottom] in the left colour image, pixels. */
  readonly bbox: readonly [number, number, number, number];
  /** [height, width, length] in metres; -1 where there are none. */
  readonly dimensions: readonly [number, number, number];
  /** [x, y, z] of the centre of the bottom face in the rectified camera frame, metres; -1000 where there is none. */
  readonly location: readonly [number, number, number];
  /** Rotation about the camera's y axis (down), radians, -π..π; -10 where there is none. */
  readonly rotationY: number;
  /** Confidence of a detection: the 16th column. */
  readonly score?: number;
}

/** How strictly to read labels. */
export interface LabelOptions {
  /** Class names that may appear, in this spelling; `"any"` takes all. Default {@link KITTI_CLASSES}. */
  readonly classes?: "any" | readonly string[];
  /** Whether the 16th column has to be there. Default `"optional"`. */
  readonly score?: "optional" | "required" | "forbidden";
}

/** The classes of the KITTI object benchmark. */
export const KITTI_CLASSES: readonly string[] = [
  "Car",
  "Van",
  "Truck",
  "Pedestrian",
  "Person_sitting",
  "Cyclist",
  "Tram",
  "Misc",
  "DontCare",
];

const COLUMNS = [
  "type",
  "truncated",
  "occluded",
  "alpha",
  "left",
  "top",
  "right",
  "bottom",
  "height",
  "width",
  "length",
  "x",
  "y",
  "z",
  "rotation_y",
  "score",
] as const;

const SCORE = COLUMNS.indexOf("score");

const EXPECTED_COLUMNS = { optional: "15 or 16", required: "16", forbidden: "15" } as const;

/**
 * Reads the text of a label file (15 columns) or result file (16, the last a score). No text is a frame without objects;
 * blank lines are skipped.
 * @param path for error messages
 * @throws Error with path, line and column for a wrong number of columns, what is no finite number, one beyond ±1e9 (but
 *   for the score), an occlusion that is no integer -1..3, an unknown class (`classes: "any"` takes all), or more than
 *   10 000 objects
 */
export function parseLabels(text: string, path?: string, options: LabelOptions = {}): KittiObject[] {
  const { classes = KITTI_CLASSES, score = "optional" } = options;
  if (EXPECTED_COLUMNS[score] === undefined) {
    throw new RangeError(`parseLabels: expected "optional", "required" or "forbidden" for score, got ${score}`);
  }
  const objects: KittiObject[] = [];
  text.split("\n").forEach((content, index) => {
    const line = content.trim();
    if (line === "") return;
    const where = `parseLabels: ${atLine(path, index + 1)}`;
    if (objects.length === MAX_OBJECTS) throw new Error(`${where}: expected at most ${MAX_OBJECTS} objects, got more`);
    objects.push(parseLine(line, where, classes, score));
  });
  return objects;
}

function parseLine(
  line: string,
  where: string,
  classes: "any" | readonly string[],
  score: "optional" | "required" | "forbidden",
): KittiObject {
  const words = line.split(/\s+/);
  const wrong =
    (words.length !== 15 && words.length !== 16) ||
    (score === "required" && words.length === 15) ||
    (score === "forbidden" && words.length === 16);
  if (wrong) throw new Error(`${where}: expected ${EXPECTED_COLUMNS[score]} columns, got ${words.length}`);
  const type = words[0];
  if (classes !== "any" && !classes.includes(type)) {
    throw new Error(`${where}: column 1 (type): expected one of ${classes.join(", ")}, got ${quoted(type)}`);
  }
  const v = words.map((word, column) => {
    if (column === 0) return 0;
    const value = parseDecimal(word);
    const place = `${where}: column ${column + 1} (${COLUMNS[column]})`;
    if (value === undefined) throw new Error(`${place}: expected a finite number, got ${quoted(word)}`);
    if (Math.abs(value) > MAX_NUMBER && column < SCORE) {
      throw new Error(`${place}: expected a number within ±${MAX_NUMBER}, got ${quoted(word)}`);
    }
    return value;
  });
  if (![-1, 0, 1, 2, 3].includes(v[2])) {
    throw new Error(`${where}: column 3 (occluded): expected -1, 0, 1, 2 or 3, got ${words[2]}`);
  }
  const object: KittiObject = {
    type,
    truncated: v[1],
    occluded: v[2],
    alpha: v[3],
    bbox: [v[4], v[5], v[6], v[7]],
    dimensions: [v[8], v[9], v[10]],
    location: [v[11], v[12], v[13]],
    rotationY: v[14],
  };
  return words.length === 16 ? { ...object, score: v[15] } : object;
}

/** How precisely to write labels. */
export interface EncodeLabelsOptions {
  /** Digits after the decimal point for objects without a score, 0..15. Default 2, as in KITTI's labels. */
  readonly decimals?: number;
}

/**
 * The text of a label or result file, one line an object.
 *
 * Objects without a score are written as KITTI writes labels: `decimals` digits after the point, the placeholders of
 * DontCare (-1, -10, -1000) and an unknown truncation (-1) without any. Label files of KITTI come out byte for byte.
 * Objects with a score keep 6 digits after the point (a micrometre, a millionth of a pixel) and 9 significant digits of
 * the score, which tell any two float32 scores apart: evaluating the file gives what evaluating the numbers would.
 * @throws RangeError for a number that is not finite, or a type that is empty or has a space in it
 */
export function encodeLabels(objects: readonly KittiObject[], options: EncodeLabelsOptions = {}): string {
  const { decimals = 2 } = options;
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > 15) {
    throw new RangeError(`encodeLabels: expected an integer 0..15 for decimals, got ${decimals}`);
  }
  return objects.map((object, index) => `${encodeObject(object, index, decimals)}\n`).join("");
}

const SCORE_DIGITS = 9;
const RESULT_DECIMALS = 6;
const PLACEHOLDERS: readonly number[] = [-1, -10, -1000];

function encodeObject(object: KittiObject, index: number, labelDecimals: number): string {
  const { type, truncated, occluded, alpha, bbox, dimensions, location, rotationY, score } = object;
  if (!/^\S+$/.test(type)) {
    throw new RangeError(`encodeLabels: expected a word for type of object ${index}, got ${quoted(String(type))}`);
  }
  const values = [truncated, occluded, alpha, ...bbox, ...dimensions, ...location, rotationY];
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (values.length !== 14 || bad >= 0 || (score !== undefined && !Number.isFinite(score))) {
    const name = values.length !== 14 ? "14 values" : `a finite ${bad >= 0 ? COLUMNS[bad + 1] : "score"}`;
    const got = values.length !== 14 ? values.length : bad >= 0 ? values[bad] : score;
    throw new RangeError(`encodeLabels: expected ${name} for object ${index} (${type}), got ${got}`);
  }
  const decimals = score === undefined ? labelDecimals : RESULT_DECIMALS;
  const words = values.map((value, i) => {
    const isBox = i >= 3 && i <= 6;
    const bare =
      i === 1 || (i === 0 && value === -1) || (type === "DontCare" && !isBox && PLACEHOLDERS.includes(value));
    return bare ? String(value) : fixed(value, decimals);
  });
  if (score !== undefined) words.push(String(Number(score.toPrecision(SCORE_DIGITS))));
  return `${type} ${words.join(" ")}`;
}

/** As C prints `%.2f`: a negative zero keeps its sign. */
function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Object.is(value, -0) ? `-${text}` : text;
}

/**
 * Reads a label or result file; see {@link parseLabels}.
 * @throws Error if there is no such file, it is longer than 8 MiB, or it is no label file
 */
export async function readLabels(path: string, options: LabelOptions = {}): Promise<KittiObject[]> {
  const bytes = await readWhole(path, "readLabels", "the labels", MAX_FILE_BYTES.labels);
  return parseLabels(new TextDecoder().decode(bytes), path, options);
}

/**
 * Writes a label or result file, whole or not at all; see {@link encodeLabels}.
 * @throws Error if it cannot be written
 */
export async function writeLabels(
  path: string,
  objects: readonly KittiObject[],
  options: EncodeLabelsOptions = {},
): Promise<void> {
  await writeWhole(path, encodeLabels(objects, options), "writeLabels", "the labels");
}
