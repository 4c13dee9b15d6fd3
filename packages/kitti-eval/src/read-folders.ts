import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { KITTI_CLASSES, type KittiObject, readLabels } from "kitti-io";
import type { FrameObjects } from "./camera-boxes.js";
import { DetectionBuilder, GroundTruthBuilder, type GroundTruthColumns, type ObjectColumns } from "./object-columns.js";

/** Frames of a label folder that have a result file, both in the order of `ids`. */
export interface FolderFrames {
  readonly ids: readonly string[];
  /** Number of label files, with or without results. */
  readonly labelCount: number;
  readonly groundTruth: GroundTruthColumns;
  readonly detections: ObjectColumns;
  /** Class names of detections that KITTI does not know in any letter case, with their counts: often a misspelt class. */
  readonly unknownClasses: ReadonlyMap<string, number>;
  /** The lines themselves, if they were to be kept. */
  readonly objects?: readonly FrameObjects[] | undefined;
}

/** Files read at a time. */
const BATCH = 32;

/**
 * Reads the result files of a folder, and the label file of the same name for each.
 * @param labelDir  holds NNNNNN.txt of 15 columns, itself or in `label_2/`
 * @param resultDir holds NNNNNN.txt of 16 columns, itself or in `data/`
 * @param options  keepObjects: the lines, too, and not only the numbers that the official metrics need
 * @throws Error if a folder is missing or has no .txt file, a result has no label file, or a line is malformed
 */
export async function readFolders(
  labelDir: string,
  resultDir: string,
  { keepObjects = false }: { readonly keepObjects?: boolean } = {},
): Promise<FolderFrames> {
  const labels = await textFolder(labelDir, "label_2", "ground truth");
  const results = await textFolder(resultDir, "data", "results");
  if (labels.path === results.path) {
    throw new Error(`${results.path}: expected a folder of results other than the ground truth folder`);
  }
  const known = new Set(labels.files);
  const orphan = results.files.find((file) => !known.has(file));
  if (orphan !== undefined) {
    throw new Error(
      `${join(results.path, orphan)}: expected a label file of the same name, but there is no ${join(labels.path, orphan)}`,
    );
  }
  const groundTruth = new GroundTruthBuilder();
  const detections = new DetectionBuilder();
  const unknownClasses = new Map<string, number>();
  const objects: FrameObjects[] = [];
  for (let start = 0; start < results.files.length; start += BATCH) {
    const batch = results.files.slice(start, start + BATCH);
    const read = (dir: string, score: "optional" | "required") =>
      Promise.all(batch.map((file) => readLabels(join(dir, file), { classes: "any", score })));
    const labelled = await read(labels.path, "optional");
    const found = await read(results.path, "required");
    for (const frame of labelled) groundTruth.addFrame(frame);
    for (const frame of found) {
      detections.addFrame(frame);
      countUnknown(frame, unknownClasses);
    }
    if (keepObjects) {
      objects.push(...batch.map((file, i) => ({ id: idOf(file), labels: labelled[i], results: found[i] })));
    }
  }
  return {
    ids: results.files.map(idOf),
    labelCount: labels.files.length,
    groundTruth: groundTruth.columns(),
    detections: detections.columns(),
    unknownClasses,
    ...(keepObjects && { objects }),
  };
}

function idOf(file: string): string {
  return file.replace(/\.txt$/, "");
}

const KNOWN = new Set(KITTI_CLASSES.map((name) => name.toLowerCase()));

function countUnknown(frame: readonly KittiObject[], counts: Map<string, number>): void {
  for (const { type } of frame) if (!KNOWN.has(type.toLowerCase())) counts.set(type, (counts.get(type) ?? 0) + 1);
}

/** The folder itself if it has .txt files, else the named folder inside it. */
async function textFolder(
  path: string,
  inner: string,
  what: string,
): Promise<{ readonly path: string; readonly files: readonly string[] }> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) throw new Error(`${path}: expected a folder of ${what}, but there is no such folder`);
  if (!info.isDirectory()) throw new Error(`${path}: expected a folder of ${what}, got a file`);
  for (const candidate of [path, join(path, inner)]) {
    const names = await readdir(candidate).catch(() => []);
    const files = names.filter((name) => name.endsWith(".txt") && !name.startsWith(".")).sort();
    if (files.length > 0) return { path: candidate, files };
  }
  throw new Error(`${path}: expected ${what} as NNNNNN.txt, but neither it nor its ${inner}/ has a .txt file`);
}
