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

/**
 * Reads a file of points of any format that `point-cloud-io` knows, told by its ending.
 * @throws Error naming the file if it cannot be read, is no such file, or holds a number that no scan has
 */
export async function readScanFile(path: string, reading: DataReading = {}): Promise<Scan> {
  const { columns: named, intensityMaximum = 1 } = reading;
  const { points, columns, dropped } = await readPointCloud(readBytes(path, SCAN_FILE), {
    name: path,
    ...(named && { columns: named }),
  });
  const intensity = columns.indexOf("intensity");
  const rows = points.length / columns.length;
  const taken = new Float32Array(4 * rows);
  for (let row = 0; row < rows; row++) {
    const from = row * columns.length;
    for (let c = 0; c < 3; c++) taken[4 * row + c] = points[from + c];
    if (intensity >= 0) taken[4 * row + 3] = points[from + intensity] / intensityMaximum;
  }
  return { points: taken, hasIntensity: intensity >= 0, dropped };
}
