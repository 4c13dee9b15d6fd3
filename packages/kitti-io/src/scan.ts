import { quoted } from "checked-text";
import { MAX_FILE_BYTES } from "./file-limits.js";
import { readWhole, writeWhole } from "./files.js";

/** What to do with points that have a NaN or infinite number. */
export interface ScanOptions {
  /** `"error"` refuses the scan and names the first such number; `"drop"` leaves the points out. Default `"error"`. */
  readonly nonFinite?: "error" | "drop";
}

const BYTES_PER_POINT = 16;
const FIELDS = ["x", "y", "z", "intensity"] as const;
/** A file that begins with so many characters is a text: numbers of four points look like one once in 10^20 files. */
const TEXT = /^[\t\n\r\x20-\x7e]{64}/;
const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Points of a Velodyne scan file: float32 little-endian, four numbers a point, no header. No bytes is a scan of no points.
 * @param bytes the file's content
 * @param path for error messages
 * @returns [n, 4] x forward, y left, z up in metres, LiDAR frame; intensity, 0..1 in KITTI's files (not checked)
 * @throws Error if the file is a text (a PCD or PLY file, a list, a pointer to a file elsewhere), if its length is no multiple of 16, or, unless they are dropped, a number is NaN or infinite (with its
 *   byte offset): `nonFinite: "drop"` leaves such points out
 */
export function parseScan(bytes: Uint8Array, path?: string, options: ScanOptions = {}): Float32Array {
  const where = path === undefined ? "" : `${path}: `;
  const { nonFinite = "error" } = options;
  if (nonFinite !== "error" && nonFinite !== "drop") {
    throw new RangeError(`parseScan: expected "error" or "drop" for nonFinite, got ${nonFinite}`);
  }
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`parseScan: expected a Uint8Array for bytes, got ${Object.prototype.toString.call(bytes)}`);
  }
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  if (TEXT.test(start)) {
    throw new Error(
      `parseScan: ${where}byte offset 0: expected float32 numbers, got a text that begins with ${quoted(start.slice(0, 40))}`,
    );
  }
  if (bytes.length % BYTES_PER_POINT !== 0) {
    throw new Error(
      `parseScan: ${where}expected a multiple of ${BYTES_PER_POINT} bytes for the size, got ${bytes.length} ` +
        `(${bytes.length % BYTES_PER_POINT} after the last whole point)`,
    );
  }
  const copy = new Uint8Array(bytes);
  if (!littleEndian) Buffer.from(copy.buffer).swap32();
  const points = new Float32Array(copy.buffer);
  const bad = firstNonFinite(points);
  if (bad < 0) return points;
  if (nonFinite === "drop") return finitePoints(points);
  throw new Error(
    `parseScan: ${where}byte offset ${4 * bad}: expected a finite ${FIELDS[bad % 4]} for point ${Math.floor(bad / 4)}, ` +
      `got ${points[bad]}`,
  );
}

/** Index of the first NaN or infinity, or -1. Zero times either is NaN. */
function firstNonFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (values[i] * 0 !== 0) return i;
  return -1;
}

function finitePoints(points: Float32Array): Float32Array {
  let kept = 0;
  for (let p = 0; p < points.length; p += 4) {
    if (firstNonFinite(points.subarray(p, p + 4)) >= 0) continue;
    points.copyWithin(kept, p, p + 4);
    kept += 4;
  }
  return points.slice(0, kept);
}

/**
 * The bytes of a scan file; the inverse of {@link parseScan}.
 * @param points [n, 4] x, y, z, intensity
 * @throws TypeError for another array; RangeError if the length is no multiple of 4 or a number is not finite
 */
export function encodeScan(points: Float32Array): Uint8Array {
  if (!(points instanceof Float32Array)) {
    throw new TypeError(
      `encodeScan: expected a Float32Array for points, got ${Object.prototype.toString.call(points)}`,
    );
  }
  if (points.length % 4 !== 0) {
    throw new RangeError(`encodeScan: expected a multiple of 4 for the length of points, got ${points.length}`);
  }
  const bad = firstNonFinite(points);
  if (bad >= 0) {
    throw new RangeError(
      `encodeScan: expected a finite ${FIELDS[bad % 4]} for point ${Math.floor(bad / 4)}, got ${points[bad]}`,
    );
  }
  const bytes = new Uint8Array(points.slice().buffer);
  if (!littleEndian) Buffer.from(bytes.buffer).swap32();
  return bytes;
}

/**
 * Reads a Velodyne scan file; see {@link parseScan}.
 * @throws Error if there is no such file, it is longer than 256 MiB, or it is no scan
 */
export async function readScan(path: string, options: ScanOptions = {}): Promise<Float32Array> {
  return parseScan(await readWhole(path, "readScan", "the scan", MAX_FILE_BYTES.scan), path, options);
}

/**
 * Writes a Velodyne scan file, whole or not at all; see {@link encodeScan}.
 * @throws Error if it cannot be written
 */
export async function writeScan(path: string, points: Float32Array): Promise<void> {
  await writeWhole(path, encodeScan(points), "writeScan", "the scan");
}
