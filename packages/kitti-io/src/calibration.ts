import { quoted } from "checked-text";
import { MAX_FILE_BYTES, MAX_NUMBER } from "./file-limits.js";
import { atLine, readWhole, writeWhole } from "./files.js";
import { parseDecimal } from "./number.js";

/** Calibration of one frame. All matrices row-major, float64; lengths in metres, images in pixels. */
export interface Calibration {
  /** [3, 4] rectified camera frame → image of the left grey camera */
  readonly p0: Float64Array;
  /** [3, 4] rectified camera frame → image of the right grey camera */
  readonly p1: Float64Array;
  /** [3, 4] rectified camera frame → image of the left colour camera, the one that labels refer to */
  readonly p2: Float64Array;
  /** [3, 4] rectified camera frame → image of the right colour camera */
  readonly p3: Float64Array;
  /** [3, 3] camera frame → rectified camera frame */
  readonly r0Rect: Float64Array;
  /** [3, 4] LiDAR frame → camera frame */
  readonly veloToCam: Float64Array;
  /** [3, 4] inertial unit → LiDAR frame */
  readonly imuToVelo?: Float64Array;
}

const ENTRIES = [
  { key: "P0", field: "p0", size: 12 },
  { key: "P1", field: "p1", size: 12 },
  { key: "P2", field: "p2", size: 12 },
  { key: "P3", field: "p3", size: 12 },
  { key: "R0_rect", field: "r0Rect", size: 9 },
  { key: "Tr_velo_to_cam", field: "veloToCam", size: 12 },
  { key: "Tr_imu_to_velo", field: "imuToVelo", size: 12 },
] as const;

/**
 * Reads the text of a calibration file: lines `KEY: numbers`. Blank lines and unknown keys are skipped.
 * @param path for error messages
 * @throws Error with path and line for a line without a key, a key that appears twice, a wrong count of numbers, or
 *   what is no finite number or beyond ±1e9; with the path for a missing key (`Tr_imu_to_velo` alone may be missing), or a rotation whose
 *   determinant is not within 0.1 of 1
 */
export function parseCalibration(text: string, path?: string): Calibration {
  const found = new Map<string, { values: Float64Array; line: number }>();
  text.split("\n").forEach((content, index) => {
    if (content.trim() === "") return;
    const where = `parseCalibration: ${atLine(path, index + 1)}`;
    const colon = content.indexOf(":");
    if (colon < 0) throw new Error(`${where}: expected "KEY: numbers", got ${quoted(content)}`);
    const key = content.slice(0, colon).trim();
    const entry = ENTRIES.find((candidate) => candidate.key === key);
    if (entry === undefined) return;
    const before = found.get(key);
    if (before !== undefined) throw new Error(`${where}: expected ${key} once, got it again after line ${before.line}`);
    const numbers = content.slice(colon + 1).trim();
    const words = numbers === "" ? [] : numbers.split(/\s+/);
    if (words.length !== entry.size) {
      throw new Error(`${where}: expected ${entry.size} numbers for ${key}, got ${words.length}`);
    }
    const values = Float64Array.from(words, (word, i) => {
      const value = parseDecimal(word);
      if (value !== undefined && Math.abs(value) <= MAX_NUMBER) return value;
      const expected = value === undefined ? "a finite number" : `a number within ±${MAX_NUMBER}`;
      throw new Error(`${where}: expected ${expected} for element ${i + 1} of ${key}, got ${quoted(word)}`);
    });
    found.set(key, { values, line: index + 1 });
  });
  const where = path === undefined ? "parseCalibration:" : `parseCalibration: ${path}:`;
  const matrices: Record<string, Float64Array> = {};
  for (const { key, field } of ENTRIES) {
    const entry = found.get(key);
    if (entry !== undefined) matrices[field] = entry.values;
    else if (field !== "imuToVelo") {
      throw new Error(
        `${where} expected a line "${key}: …", got ${[...found.keys()].map(quoted).join(", ") || "none of its keys"}`,
      );
    }
  }
  checkRotation(matrices.r0Rect, 3, `${where} expected a rotation for R0_rect`);
  checkRotation(matrices.veloToCam, 4, `${where} expected a rotation in the first three columns of Tr_velo_to_cam`);
  return matrices as unknown as Calibration;
}

function checkRotation(m: Float64Array, stride: number, expected: string): void {
  const [a, b, c] = [0, stride, 2 * stride];
  const determinant =
    m[a] * (m[b + 1] * m[c + 2] - m[b + 2] * m[c + 1]) -
    m[a + 1] * (m[b] * m[c + 2] - m[b + 2] * m[c]) +
    m[a + 2] * (m[b] * m[c + 1] - m[b + 1] * m[c]);
  if (!(Math.abs(determinant - 1) < 0.1)) throw new Error(`${expected}, got a determinant of ${determinant}`);
}

/**
 * The text of a calibration file, in KITTI's own form (`%.12e`); a number that needs more digits gets them, so that
 * {@link parseCalibration} gives back the same numbers. KITTI's own files come out byte for byte.
 * @throws RangeError for a matrix of the wrong length or a number that is not finite
 */
export function encodeCalibration(calibration: Calibration): string {
  const lines = ENTRIES.flatMap(({ key, field, size }) => {
    const values = calibration[field];
    if (values === undefined && field === "imuToVelo") return [];
    if (values?.length !== size) {
      throw new RangeError(`encodeCalibration: expected ${size} numbers for ${field}, got ${values?.length ?? "none"}`);
    }
    return [`${key}: ${Array.from(values, (value) => exponential(value, field)).join(" ")}\n`];
  });
  return `${lines.join("")}\n`;
}

/** As C prints `%.12e`: at least two digits of exponent. */
function exponential(value: number, field: string): string {
  if (!Number.isFinite(value)) {
    throw new RangeError(`encodeCalibration: expected finite numbers for ${field}, got ${value}`);
  }
  const short = value.toExponential(12);
  const text = Number(short) === value ? short : value.toExponential(16);
  const signed = Object.is(value, -0) ? `-${text}` : text;
  return signed.replace(/e([+-])(\d)$/, "e$10$2");
}

/**
 * Reads a calibration file; see {@link parseCalibration}.
 * @throws Error if there is no such file, it is longer than 1 MiB, or it is no calibration
 */
export async function readCalibration(path: string): Promise<Calibration> {
  const bytes = await readWhole(path, "readCalibration", "the calibration", MAX_FILE_BYTES.calibration);
  return parseCalibration(new TextDecoder().decode(bytes), path);
}

/**
 * Writes a calibration file, whole or not at all; see {@link encodeCalibration}.
 * @throws Error if it cannot be written
 */
export async function writeCalibration(path: string, calibration: Calibration): Promise<void> {
  await writeWhole(path, encodeCalibration(calibration), "writeCalibration", "the calibration");
}
