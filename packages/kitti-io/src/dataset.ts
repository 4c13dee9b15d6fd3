import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Calibration, readCalibration } from "./calibration.js";
import { fileError } from "./files.js";
import { frameIds } from "./frame-ids.js";
import { IMAGE_ENDINGS, readImageSize } from "./image-size.js";
import { type KittiObject, type LabelOptions, readLabels } from "./labels.js";
import type { ImageSize } from "./projection.js";
import { readScan, type ScanOptions } from "./scan.js";

/** Where a frame's files are. */
export interface FrameFiles {
  readonly id: string;
  readonly scan: string;
  readonly calibration: string;
  /** Absent in a part without labels, such as KITTI's testing. */
  readonly labels?: string;
  /** Absent where the image was not downloaded. */
  readonly image?: string;
}

/** One frame, read. */
export interface KittiFrame {
  readonly id: string;
  /** [n, 4] x forward, y left, z up, metres, LiDAR frame; intensity */
  readonly points: Float32Array;
  readonly calibration: Calibration;
  /** Absent where there are no labels; empty for a frame without objects. */
  readonly objects?: readonly KittiObject[];
  /** Absent where there is no image. */
  readonly imageSize?: ImageSize;
}

/** Which part of a KITTI folder to open, and how strictly to read it. */
export interface DatasetOptions extends ScanOptions, Pick<LabelOptions, "classes"> {
  /** Folder below the root. Default "training"; a root that itself holds `velodyne` counts as that. */
  readonly split?: "training" | "testing";
  /** Name of a list in `ROOT/ImageSets`, such as "train": read if it is there, else `frames` takes its place. */
  readonly imageSet?: string;
  /** Frame names, in the order wanted. Default, without an image set: every scan, by name. */
  readonly frames?: readonly string[];
}

/** An opened part of a KITTI folder: an index; frames are read one by one. */
export interface KittiDataset extends AsyncIterable<KittiFrame> {
  /** The folder that holds `velodyne`, `calib` and the rest. */
  readonly folder: string;
  /** Frame names, in order. */
  readonly ids: readonly string[];
  /** @throws RangeError for a frame that is not in the index */
  files(id: string): FrameFiles;
  /**
   * Reads a frame of the index.
   * @throws RangeError for a frame that is not in it; Error with path and place if one of its files is wrong
   */
  readFrame(id: string): Promise<KittiFrame>;
}

/**
 * Opens a KITTI folder: `ROOT/training/{velodyne,calib,label_2,image_2}` and `ROOT/testing/...`, or a root that holds
 * `velodyne` and the others itself. Checks that each frame has the files it needs; reads none of them yet.
 *
 * Every frame needs a scan and a calibration, and labels if there is a `label_2` folder. Images may be missing.
 * Iterating (`for await`) reads the frames in order.
 * @throws Error naming the path, and what it was wanted for, if a folder, list or file is missing; if a list names a
 *   frame twice, or has a line that is no frame name
 */
export async function openDataset(root: string, options: DatasetOptions = {}): Promise<KittiDataset> {
  const folder = await dataFolder(root, options.split);
  const present = {
    scans: await stems(join(folder, "velodyne"), ".bin", "scans"),
    calibrations: await stems(join(folder, "calib"), ".txt", "calibrations"),
    labels: await optionalStems(join(folder, "label_2"), ".txt", "labels"),
    images: await imageNames(join(folder, "image_2")),
  };
  const ids = await frameIds(root, options, present.scans);
  const index = new Map<string, FrameFiles>();
  for (const id of ids) {
    const files: FrameFiles = {
      id,
      scan: join(folder, "velodyne", `${id}.bin`),
      calibration: join(folder, "calib", `${id}.txt`),
      ...(present.labels && { labels: join(folder, "label_2", `${id}.txt`) }),
      ...(present.images.has(id) && { image: join(folder, "image_2", present.images.get(id)!) }),
    };
    needed(present.scans.has(id), id, files.scan, "its scan");
    needed(present.calibrations.has(id), id, files.calibration, "its calibration");
    needed(present.labels?.has(id) ?? true, id, files.labels, "its labels, as label_2 exists");
    index.set(id, files);
  }
  const files = (id: string): FrameFiles => {
    const found = index.get(id);
    if (found === undefined) throw new RangeError(`openDataset: expected a frame of the index of ${folder}, got ${id}`);
    return found;
  };
  const readFrame = async (id: string): Promise<KittiFrame> => read(files(id), options);
  async function* iterate(): AsyncGenerator<KittiFrame> {
    for (const id of ids) yield await readFrame(id);
  }
  return { folder, ids, files, readFrame, [Symbol.asyncIterator]: iterate };
}

async function read(files: FrameFiles, options: DatasetOptions): Promise<KittiFrame> {
  const { classes, nonFinite } = options;
  const points = await readScan(files.scan, { nonFinite });
  const calibration = await readCalibration(files.calibration);
  const objects = files.labels === undefined ? undefined : await readLabels(files.labels, { classes });
  const imageSize = files.image === undefined ? undefined : await readImageSize(files.image);
  return { id: files.id, points, calibration, ...(objects && { objects }), ...(imageSize && { imageSize }) };
}

function needed(there: boolean, id: string, path: string | undefined, what: string): void {
  if (!there) throw new Error(`openDataset: ${path}: expected this file for frame ${id} (${what}), got no such file`);
}

/** ROOT/SPLIT if that exists; a root that holds the scans itself is taken for training. */
async function dataFolder(root: string, split: "training" | "testing" = "training"): Promise<string> {
  if (split !== "training" && split !== "testing") {
    throw new RangeError(`openDataset: expected "training" or "testing" for split, got ${split}`);
  }
  const inside = new Set((await entries(root, "the data set")).map((entry) => entry.name));
  if (inside.has(split)) return join(root, split);
  if (split === "training" && inside.has("velodyne")) return root;
  throw new Error(
    `openDataset: ${root}: expected a folder ${split}${split === "training" ? " or velodyne" : ""} in it, ` +
      `got ${[...inside].sort().slice(0, 8).join(", ") || "an empty folder"}`,
  );
}

async function entries(path: string, what: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (cause) {
    throw fileError(cause, path, "openDataset", `expected a folder with ${what}`);
  }
}

/** Names without their ending; hidden files are of other programs. */
async function stems(path: string, extension: string, what: string): Promise<Set<string>> {
  const names = (await entries(path, what)).map((entry) => entry.name);
  const own = names.filter((name) => name.endsWith(extension) && !name.startsWith("."));
  return new Set(own.map((name) => name.slice(0, -extension.length)).sort());
}

/** Of each frame with an image its file's name, by the frame's. */
async function imageNames(path: string): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const ending of IMAGE_ENDINGS)
    for (const id of (await optionalStems(path, ending, "images")) ?? [])
      if (!names.has(id)) names.set(id, `${id}${ending}`);
  return names;
}

async function optionalStems(path: string, extension: string, what: string): Promise<Set<string> | undefined> {
  try {
    return await stems(path, extension, what);
  } catch (error) {
    if (((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return undefined;
    throw error;
  }
}
