import { existsSync, readdirSync } from "node:fs";
import { basename, extname, join, relative, resolve } from "node:path";
import { quoted } from "checked-text";
import { MAX_FILE_BYTES } from "kitti-io";
import { pointCloudExtensions } from "point-cloud-io";
import { readText } from "../system/read-file.js";
import { parseBoxLabels, parseSustechLabels } from "./box-labels.js";
import { classNamed, type DataReading } from "./data-reading.js";
import type { DataOptions, DataSource, FrameReader } from "./data-source.js";
import type { Frame, FrameObject } from "./frame.js";
import { framesOf, listedFrames } from "./frame-lists.js";
import { readScanFile } from "./read-scan-file.js";

/** Where scans and their labels are below a root, and what the labels look like. */
interface ScanLayout {
  readonly scans: string;
  readonly labels: string;
  readonly labelEnding: string;
  readonly parseLabels: (text: string, path: string) => FrameObject[];
}

/** OpenPCDet's layout for data of one's own, and that of SUSTechPOINTS. */
const LAYOUTS: readonly ScanLayout[] = [
  { scans: "points", labels: "labels", labelEnding: ".txt", parseLabels: parseBoxLabels },
  { scans: "lidar", labels: "label", labelEnding: ".json", parseLabels: parseSustechLabels },
];

/** The layout of a folder that holds scans alone; undefined for any other. */
export function scanLayoutOf(root: string): ScanLayout | undefined {
  return LAYOUTS.find(({ scans }) => existsSync(join(root, scans)));
}

/**
 * Scans of one's own: `ROOT/points/ID.npy` (or `.bin`, `.pcd`, `.ply`, `.las`, `.laz`), `ROOT/labels/ID.txt` and lists in
 * `ROOT/ImageSets`, as OpenPCDet has it for custom data, or `ROOT/lidar/ID.pcd` and `ROOT/label/ID.json` of SUSTechPOINTS. No
 * camera, no calibration; an id is what a file is called but for its ending.
 */
export function openScanFolder(
  root: string,
  { scans, labels: labelFolder, labelEnding, parseLabels }: ScanLayout,
  options: DataOptions = {},
): DataSource {
  const { labels = true, reading = {} } = options;
  const folder = join(root, scans);
  const labelled = labels && existsSync(join(root, labelFolder));
  let listed: ReadonlyMap<string, string> | undefined;
  const files = () => {
    listed ??= scanFiles(folder);
    return listed;
  };
  const scanOf = (id: string): string => {
    const name = files().get(id);
    if (name === undefined) throw new Error(`${folder}: expected a scan of frame ${quoted(id)}, got none`);
    return join(folder, name);
  };
  const labelsOf = (id: string): string => join(root, labelFolder, `${id}${labelEnding}`);
  const scanReader = readerOfScans(scanOf, reading);
  const read = async (id: string): Promise<Frame> => {
    const frame = await scanReader.read(id);
    if (!labelled) return frame;
    const path = labelsOf(id);
    const objects = parseLabels(readText(path, { what: "labels", most: MAX_FILE_BYTES.labels }), path);
    return { ...frame, objects: objects.map((object) => ({ ...object, type: classNamed(object.type, reading) })) };
  };
  return {
    root,
    options,
    get ids() {
      return [...files().keys()];
    },
    part: (name) => {
      if (name === "all" && !existsSync(join(root, "ImageSets", "all.txt"))) return framesOf(name, [...files().keys()]);
      return listedFrames(root, name);
    },
    requireLabels() {
      if (labelled) return;
      throw new Error(`${root}: expected labels in ${join(root, labelFolder)}, found no such folder`);
    },
    async require(ids) {
      for (const id of ids) {
        scanOf(id);
        if (labelled && !existsSync(labelsOf(id))) {
          throw new Error(`${labelsOf(id)}: expected the labels of frame ${id}, got no such file`);
        }
      }
    },
    ...scanReader,
    read,
    async examine(id) {
      const frame = await read(id);
      if (frame.points.length === 0)
        throw new Error(`${scanOf(id)}: expected points, got none${frame.dropped ? " that is finite" : ""}`);
      return frame;
    },
    files(id) {
      const paths = [scanOf(id), ...(labelled ? [labelsOf(id)] : [])].filter((path) => existsSync(path));
      return new Map(paths.map((path) => [relative(root, path).replaceAll("\\", "/"), path]));
    },
    describe: () => ({ name: basename(resolve(root)), simulated: false, description: `scans read from ${folder}.` }),
  };
}

/** Scans alone, wherever their files lie: no labels, no camera. */
export function readerOfScans(scanOf: (id: string) => string, reading: DataReading): FrameReader {
  return {
    async read(id) {
      const { points, hasIntensity, dropped } = await readScanFile(scanOf(id), reading);
      return { id, points, withoutIntensity: !hasIntensity, dropped, allRound: true };
    },
    readImage: async (id) => {
      throw new Error(`frame ${id}: expected an image for a detector with a camera, got a scan alone`);
    },
  };
}

/** Files with points by the ids of their frames, in order. @throws Error for two scans of one frame, or none at all */
function scanFiles(folder: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const name of readdirSync(folder).sort()) {
    const ending = extname(name);
    if (name.startsWith(".") || !(pointCloudExtensions as readonly string[]).includes(ending.slice(1).toLowerCase()))
      continue;
    const id = basename(name, ending);
    const before = files.get(id);
    if (before !== undefined) throw new Error(`${folder}: expected one scan of frame ${id}, got ${before} and ${name}`);
    files.set(id, name);
  }
  if (files.size > 0) return files;
  throw new Error(`${folder}: expected scans (.${pointCloudExtensions.join(", .")}), found none`);
}
