import { existsSync, readdirSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { quoted } from "checked-text";
import {
  type Calibration,
  type FrameFiles,
  IMAGE_ENDINGS,
  KITTI_CLASSES,
  type KittiObject,
  readCalibration,
  readImageSize,
  readLabels,
} from "kitti-io";
import { parseManifest } from "kitti-sim";
import type { DataDescription } from "report-page";
import { MOST_BYTES, readText } from "../system/read-file.js";
import type { DataReading } from "./data-reading.js";
import type { DataOptions, DataSource, FrameReader } from "./data-source.js";
import { framesOf, type ListedFrame, listedFrames } from "./frame-lists.js";
import { checkSizes, frameFromKitti } from "./kitti-frame.js";
import { readImage } from "./read-image.js";
import { readScanFile } from "./read-scan-file.js";

/**
 * How the field's usual train/val split of KITTI divides the first frames of the training half. A handful of frames
 * that someone copied out of the dataset seldom has an `ImageSets` folder; this lets `train` mean the usual thing there.
 */
const USUAL_SPLIT: Readonly<Record<string, string>> = {
  train: "000000 000003 000007 000009 000010 000011 000012 000013 000014 000016 000017 000018",
  val: "000001 000002 000004 000005 000006 000008 000015",
};

/**
 * Frames in KITTI's layout: `ROOT/training/{velodyne,calib,label_2,image_2}` as in the dataset's download, or a root that holds
 * these folders itself; `ROOT/testing/...`; and lists of frames in `ROOT/ImageSets`. Labels are expected of every frame if
 * there is a folder of them, images may be missing.
 */
export function openKittiFolder(root: string, options: DataOptions = {}): DataSource {
  const { half = "training", labels = true, reading } = options;
  const nested = join(root, half);
  const folder = half === "testing" || existsSync(join(nested, "velodyne")) ? nested : root;
  const labelled = labels && existsSync(join(folder, "label_2"));
  let listed: readonly string[] | undefined;
  const ids = () => {
    listed ??= listScans(root, folder, half);
    return listed;
  };
  const filesOf = (id: string): FrameFiles => {
    const image = imageOf(folder, id);
    return {
      id,
      scan: join(folder, "velodyne", `${id}.bin`),
      calibration: join(folder, "calib", `${id}.txt`),
      ...(labelled && { labels: join(folder, "label_2", `${id}.txt`) }),
      ...(image !== undefined && { image }),
    };
  };
  const reader = readerOfFiles(filesOf, reading);
  return {
    ...reader,
    root,
    options,
    requireLabels() {
      if (labelled) return;
      ids(); // without scans it is no such folder, and labels are the least that it lacks
      const found = existsSync(folder) ? readdirSync(folder).sort().slice(0, 8).join(", ") : "no such folder";
      throw new Error(`${root}: expected labels in ${join(folder, "label_2")}, found ${found || "nothing"}`);
    },
    get ids() {
      return ids();
    },
    part: (name) => partOf({ root, name, ids: ids() }),
    async require(wanted) {
      const known = new Set(ids());
      for (const id of wanted) {
        const { scan, calibration, labels } = filesOf(id);
        needed(known.has(id), id, scan, "its scan");
        needed(existsSync(calibration), id, calibration, "its calibration");
        if (labels !== undefined) needed(existsSync(labels), id, labels, "its labels, as label_2 exists");
      }
    },
    async examine(id) {
      const { scan, calibration } = filesOf(id);
      const frame = await reader.read(id);
      if (frame.points.length === 0)
        throw new Error(`${scan}: expected points, got ${frame.dropped ? "none that is finite" : "an empty file"}`);
      checkCalibration(frame.view!.calibration, calibration);
      return frame;
    },
    files(id) {
      const { scan, calibration, labels, image } = filesOf(id);
      const paths = [scan, calibration, labels, image].filter((path) => path !== undefined);
      const present = paths.filter((path) => existsSync(path));
      return new Map(present.map((path) => [relative(folder, path).replaceAll("\\", "/"), path]));
    },
    describe: () => describeFolder(root),
  };
}

function needed(there: boolean, id: string, path: string, what: string): void {
  if (!there) throw new Error(`${path}: expected this file for frame ${id} (${what}), got no such file`);
}

/** Frames of files that may lie anywhere. Fewer files can go missing than in KITTI: labels and image are read if they are named. */
export function readerOfFiles(filesOf: (id: string) => FrameFiles, reading: DataReading = {}): FrameReader {
  checkClassNames(reading);
  return {
    async read(id) {
      const { scan, calibration: calibrationFile, labels, image } = filesOf(id);
      const calibration = await readCalibration(calibrationFile);
      const imageSize = image === undefined ? undefined : await readImageSize(image);
      const { points, hasIntensity, dropped } = await readScanFile(scan, reading);
      const objects =
        labels === undefined ? undefined : (await readLabels(labels, { classes: "any" })).map(withKittiName);
      if (objects !== undefined) checkSizes(objects, labels!);
      const frame = frameFromKitti({ id, points, calibration, imageSize, objects }, reading);
      return { ...frame, withoutIntensity: !hasIntensity, dropped };
    },
    async readImage(id) {
      const { image } = filesOf(id);
      if (image !== undefined) return readImage(image);
      throw new Error(
        `image_2/${id}.png (or .jpg): expected this image for a detector with a camera, got no such file; ` +
          "add KITTI's left colour images or take a configuration without a camera",
      );
    },
  };
}

/** @throws Error if detections of a class, which are written as KITTI has them, could not be: before hours of work */
function checkClassNames({ classes = {}, view }: DataReading): void {
  const odd = Object.entries(classes).find(([, name]) => /\s/.test(name));
  if (odd === undefined || view === "full") return;
  throw new Error(
    `data.classes.${odd[0]}: expected a name without spaces, as KITTI's result files have them, got ${quoted(odd[1])}; ` +
      `${odd[1].trim().replaceAll(/\s+/g, "_")} would do, in the detector's classes too`,
  );
}

/** Case does not matter: a class of KITTI's is spelt as KITTI has it. */
function withKittiName(object: KittiObject): KittiObject {
  const name = KITTI_CLASSES.find((each) => each.toLowerCase() === object.type.toLowerCase());
  return name === undefined || name === object.type ? object : { ...object, type: name };
}

/** The image of a frame's left colour camera, if it is there. */
function imageOf(folder: string, id: string): string | undefined {
  return IMAGE_ENDINGS.map((ending) => join(folder, "image_2", `${id}${ending}`)).find((path) => existsSync(path));
}

function listScans(root: string, folder: string, half: string): string[] {
  const scans = join(folder, "velodyne");
  if (!existsSync(scans)) {
    const [alone, found] =
      half === "training" ? [" or velodyne", "neither, nor points or lidar of other scans"] : ["", "none"];
    throw new Error(`${root}: expected a KITTI root with ${half}/velodyne${alone} in it, found ${found}`);
  }
  const names = readdirSync(scans).sort();
  const own = names.filter((name) => /^[^.].*\.bin$/.test(name));
  if (own.length > 0) return own.map((name) => name.slice(0, -".bin".length)).sort();
  const found = names.slice(0, 3).join(", ") || "an empty folder";
  throw new Error(
    `${scans}: expected scans (.bin), found ${found}; scans of other formats are read from ROOT/points, without a camera`,
  );
}

/** A list in `ROOT/ImageSets`; `all`; or `train` and `val` among frames whose place in the usual split is known. */
function partOf({ root, name, ids }: { root: string; name: string; ids: readonly string[] }): ListedFrame[] {
  if (existsSync(join(root, "ImageSets", `${name}.txt`))) return listedFrames(root, name);
  if (name === "all") return framesOf(name, ids);
  const known = new Set(Object.values(USUAL_SPLIT).flatMap((each) => each.split(" ")));
  const wanted = USUAL_SPLIT[name];
  if (wanted !== undefined && ids.every((id) => known.has(id))) {
    const members = new Set(wanted.split(" "));
    return framesOf(
      name,
      ids.filter((id) => members.has(id)),
    );
  }
  return listedFrames(root, name);
}

/** A folder with `kitti-sim.json` is simulated. @throws Error naming that file and the key that is wrong */
function describeFolder(root: string): DataDescription {
  const manifest = join(root, "kitti-sim.json");
  if (!existsSync(manifest)) {
    return {
      name: basename(resolve(root)),
      simulated: false,
      description: `frames in KITTI's format, read from ${root}.`,
    };
  }
  const text = readText(manifest, { what: "what a data set was made with", most: MOST_BYTES.manifest });
  const { seed, train, val, panes } = parseManifest(text, manifest);
  return {
    name: "Simulated streets",
    simulated: true,
    description:
      `made by kitti-sim (seed ${seed}, ${train} frames to train on, ${val} to validate on${panes === "tinted" ? ", panes tinted" : ""}), seen by a ` +
      "ray-cast 64-beam scanner. No real scan is among them.",
  };
}

/** How far a rotation of a file may be from a true one: KITTI's are printed with seven digits. */
const ROTATION_TOLERANCE = 1e-3;

/** @throws Error if a rotation is none, or the camera's focal lengths are not positive */
function checkCalibration({ r0Rect, veloToCam, p2 }: Calibration, path: string): void {
  const rotations = { R0_rect: [r0Rect, 3], Tr_velo_to_cam: [veloToCam, 4] } as const;
  for (const [name, [matrix, columns]] of Object.entries(rotations)) {
    const row = (i: number) => [0, 1, 2].map((j) => matrix[i * columns + j]);
    for (let i = 0; i < 3; i++)
      for (let j = 0; j <= i; j++) {
        const product = row(i).reduce((sum, value, k) => sum + value * row(j)[k], 0);
        if (Math.abs(product - Number(i === j)) <= ROTATION_TOLERANCE) continue;
        throw new Error(
          `${path}: expected a rotation for ${name}, got rows ${j} and ${i} with product ${product.toFixed(4)}`,
        );
      }
  }
  if (!(p2[0] > 0 && p2[5] > 0)) {
    throw new Error(`${path}: expected positive focal lengths in P2, got ${p2[0]} and ${p2[5]}`);
  }
}
