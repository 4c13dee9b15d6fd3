import { MAX_FILE_BYTES } from "kitti-io";
import { readPointCloud } from "point-cloud-io";
import { readBytes } from "../system/read-file.js";
import type { DataReading } from "./data-reading.js";

/** A scan in this program's columns. */
export interface Scan {
  /** [n, 4] x, y, z in metres, LiDAR frame; intensity from 0 to 1, 0 where the file has none */
  readonly points: Float32Array;
  readonly hasIntensity: boolean;
  /** points left out because a number of theirs is not finite */
  readonly dropped: number;
}

/** A file of points is no longer. */
const SCAN_FILE = { what: "a scan", most: MAX_FILE_BYTES.scan };
/** Metres that no scanner sees, and the share of the points so far away from which a file is no scan. */
const [IMPOSSIBLE, MOST_IMPOSSIBLE] = [1e5, 0.01];

/**
 * Reads a file of points of any format that `point-cloud-io` knows, told by its ending.
 * @throws Error naming the file if it cannot be read, is no such file, or cannot be a scan by its numbers
 */
export async function readScanFile(path: string, reading: DataReading = {}): Promise<Scan> {
  const { columns: named, intensityMaximum = 1 } = reading;
  const { points, columns, dropped } = await readPointCloud(readBytes(path, SCAN_FILE), {
    name: path,
    ...(named && { columns: named }),
  });
  const isThese = columns.length === 4 && columns[3] === "intensity";
  if (isThese && intensityMaximum === 1) return possible({ points, hasIntensity: true, dropped }, path);
  const intensity = columns.indexOf("intensity");
  const rows = points.length / columns.length;
  const taken = new Float32Array(4 * rows);
  for (let row = 0; row < rows; row++) {
    const from = row * columns.length;
    for (let c = 0; c < 3; c++) taken[4 * row + c] = points[from + c];
    if (intensity >= 0) taken[4 * row + 3] = points[from + intensity] / intensityMaximum;
  }
  return possible({ points: taken, hasIntensity: intensity >= 0, dropped }, path);
}

/** @throws Error if too many points lie where no scanner sees */
function possible(scan: Scan, path: string): Scan {
  const { points } = scan;
  let beyond = 0;
  let most = 0;
  for (let base = 0; base < points.length; base += 4) {
    const distance = Math.max(Math.abs(points[base]), Math.abs(points[base + 1]), Math.abs(points[base + 2]));
    if (distance <= IMPOSSIBLE) continue;
    beyond += 1;
    most = Math.max(most, distance);
  }
  const share = (4 * beyond) / points.length;
  if (beyond === 0 || share < MOST_IMPOSSIBLE) return scan;
  throw new Error(
    `${path}: expected the points of a scan, in metres, got ${Math.round(100 * share)} % beyond ${IMPOSSIBLE / 1000} km ` +
      `(up to ${most.toExponential(1)} m): another number of columns, float64 read as float32, map coordinates, or no scan?`,
  );
}
