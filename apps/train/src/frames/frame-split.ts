import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * How the field's usual train/val split of KITTI divides the first frames of the training part. A handful of frames
 * that someone copied out of the dataset seldom has an `ImageSets` folder; this lets `--split train` mean the usual
 * thing there.
 */
const USUAL_SPLIT: Readonly<Record<string, string>> = {
  train: "000000 000003 000007 000009 000010 000011 000012 000013 000014 000016 000017 000018",
  val: "000001 000002 000004 000005 000006 000008 000015",
};

/**
 * Frame ids of a split of a KITTI root. `split` is, in this order of preference, the path of a text file with one id a
 * line; ids separated by commas; the name of a list in `ROOT/ImageSets`; `all`; or `train` and `val` on a root that
 * holds only frames whose place in the usual split is known.
 *
 * @throws Error if nothing of the kind exists, with what does
 */
export function resolveSplit(root: string, split: string): string[] {
  if (/^\d{6}(,\d{6})*$/.test(split)) return requireFrames(root, split.split(","), split);
  if (split.endsWith(".txt")) return requireFrames(root, readIds(split), split);
  const imageSet = join(root, "ImageSets", `${split}.txt`);
  if (existsSync(imageSet)) return requireFrames(root, readIds(imageSet), imageSet);
  const available = listFrames(root);
  if (split === "all") return available;

  const known = new Set(Object.values(USUAL_SPLIT).flatMap((ids) => ids.split(" ")));
  const wanted = USUAL_SPLIT[split];
  if (wanted !== undefined && available.every((id) => known.has(id))) {
    const members = new Set(wanted.split(" "));
    return available.filter((id) => members.has(id));
  }
  const lists = existsSync(join(root, "ImageSets"))
    ? readdirSync(join(root, "ImageSets")).join(", ")
    : "no ImageSets folder";
  throw new Error(
    `--split ${split}: expected ${imageSet}, found ${lists}; give a list there, the path of a .txt file with one frame id a line, ids with commas (000000,000003), or "all"`,
  );
}

/** The folder that holds `velodyne`: `ROOT/training` as in the dataset's download, or ROOT itself. */
export function trainingFolder(root: string): string {
  const nested = join(root, "training");
  return existsSync(join(nested, "velodyne")) ? nested : root;
}

function listFrames(root: string): string[] {
  const folder = join(trainingFolder(root), "velodyne");
  if (!existsSync(folder)) {
    throw new Error(`--data ${root}: expected a KITTI root with training/velodyne or velodyne in it, found neither`);
  }
  return readdirSync(folder)
    .filter((name) => /^\d{6}\.bin$/.test(name))
    .map((name) => name.slice(0, 6))
    .sort();
}

function readIds(path: string): string[] {
  const ids = readFileSync(path, "utf8")
    .split(/\s+/)
    .filter((id) => id !== "");
  const wrong = ids.find((id) => !/^\d{6}$/.test(id));
  if (wrong !== undefined) throw new Error(`${path}: expected frame ids of six digits, got "${wrong}"`);
  return ids;
}

function requireFrames(root: string, ids: string[], source: string): string[] {
  const available = new Set(listFrames(root));
  const missing = ids.filter((id) => !available.has(id));
  if (missing.length > 0) {
    throw new Error(
      `${source}: names ${ids.length} frames, of which ${missing.length} have no scan in ${trainingFolder(root)}/velodyne (first: ${missing[0]})`,
    );
  }
  return ids;
}
