import { randomBytes } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { copyFile, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
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
  await writing(path, content, (temporary) => rename(temporary, path));
}

/**
 * The same for a file that is not there: of several who write one at once, the first has it.
 * @returns false if somebody else had it first; theirs stays
 * @throws Error as {@link writeWhole}
 */
export async function writeFirst(path: string, content: string | Uint8Array): Promise<boolean> {
  let first = true;
  await writing(path, content, async (temporary) => {
    const isTaken = (error: unknown) => (error as NodeJS.ErrnoException).code === "EEXIST";
    try {
      await link(temporary, path).catch((error) => {
        if (isTaken(error)) throw error;
        return copyFile(temporary, path, constants.COPYFILE_EXCL); // no links on this file system: a reader may see a part
      });
    } catch (error) {
      if (!isTaken(error)) throw error;
      first = false;
    }
    await rm(temporary, { force: true });
  });
  return first;
}

async function writing(path: string, content: string | Uint8Array, place: (temporary: string) => Promise<void>) {
  const temporary = `${path}.${process.pid}.${HOST}-${randomBytes(4).toString("hex")}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, content, { flush: true });
    await place(temporary);
  } catch (cause) {
    // what kept it from being written may keep it from being removed: it is the first that counts
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new Error(`cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** This machine in a temporary name: others that share the folder have processes of the same numbers. */
const HOST = hostname().replace(/[^\w-]/g, "_");

/** Milliseconds after which nobody on another machine is still writing a file: far longer than it takes. */
const SILENCE = 15 * 60_000;

/** Folders of a dataset, relative to its root. */
const FOLDERS = ["", "ImageSets", ...["image_2", "calib", "label_2", "velodyne"].map((kind) => join("training", kind))];

/** Removes what {@link writeWhole} left unfinished in a dataset when its process was killed, here or on another machine. */
export async function sweepUnfinished(root: string): Promise<void> {
  for (const folder of FOLDERS) {
    const names = await readdir(join(root, folder)).catch(() => []);
    for (const name of names) {
      const [, pid, host = HOST] = /^.+\.(\d+)\.(?:([\w-]*)-[0-9a-f]{8}\.)?tmp$/.exec(name) ?? [];
      if (pid === undefined) continue;
      const path = join(root, folder, name);
      const isWritten = host === HOST ? isRunning(Number(pid)) : await isYoung(path);
      if (!isWritten) await rm(path, { force: true });
    }
  }
}

async function isYoung(path: string): Promise<boolean> {
  const written = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  return Date.now() - written < SILENCE;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // another user's
  }
}
