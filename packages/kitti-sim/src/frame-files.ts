import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { encode } from "fast-png";
import { encodeCalibration, encodeLabels, encodeScan } from "kitti-io";
import type { SimulatedFrame } from "./observe-scene.js";

/** A frame's files, relative to the dataset's root. The scan is last: it is written when the others are there. */
function frameFiles(id: string): readonly string[] {
  return [`image_2/${id}.png`, `calib/${id}.txt`, `label_2/${id}.txt`, `velodyne/${id}.bin`].map((file) =>
    join("training", file),
  );
}

/** The content of a frame's files, in the order of {@link frameFiles}. */
function encodeFrame({ image, calibration, objects, points }: SimulatedFrame): readonly (string | Uint8Array)[] {
  const { width, height, data } = image;
  return [
    encode({ width, height, data, channels: 3, depth: 8 }, { zlib: { level: 6 } }),
    encodeCalibration(calibration),
    encodeLabels(objects),
    encodeScan(points),
  ];
}

/** Whether all files of a frame are there. Each is written whole or not at all. */
export function hasFrame(root: string, id: string): boolean {
  return frameFiles(id).every((file) => existsSync(join(root, file)));
}

/** Writes a frame's files into a dataset. */
export async function writeFrame(root: string, id: string, frame: SimulatedFrame): Promise<void> {
  const contents = encodeFrame(frame);
  for (const [i, file] of frameFiles(id).entries()) await writeWhole(join(root, file), contents[i]);
}

/** Whether a dataset holds exactly this frame, byte for byte. */
export async function holdsFrame(root: string, id: string, frame: SimulatedFrame): Promise<boolean> {
  const contents = encodeFrame(frame);
  for (const [i, file] of frameFiles(id).entries()) {
    if (!(await readFile(join(root, file))).equals(Buffer.from(contents[i] as Uint8Array))) return false;
  }
  return true;
}

/**
 * Writes a file so that a reader sees all of it or nothing: temporary name, to the disk, then rename.
 * @throws Error with the path if it cannot be written
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, content, { flush: true });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new Error(`cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Folders of a dataset, relative to its root. */
const FOLDERS = ["", "ImageSets", ...["image_2", "calib", "label_2", "velodyne"].map((kind) => join("training", kind))];

/** Removes what {@link writeWhole} left unfinished in a dataset when its process was killed. */
export async function sweepUnfinished(root: string): Promise<void> {
  for (const folder of FOLDERS) {
    const names = await readdir(join(root, folder)).catch(() => []);
    for (const name of names) {
      const pid = /^.+\.(\d+)\.tmp$/.exec(name)?.[1];
      if (pid !== undefined && !isRunning(Number(pid))) await rm(join(root, folder, name), { force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // another user's
  }
}
