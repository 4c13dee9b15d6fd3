import { readFileSync } from "node:fs";
import { decodeImage, resolveSplit } from "eloss/inputs";
import { encode } from "fast-png";
import { encode as encodeJpeg } from "jpeg-js";
import {
  encodeCalibration,
  encodeLabels,
  encodeScan,
  parseImageSet,
  readCalibration,
  readImageSize,
  readLabels,
  readScan,
} from "kitti-io";
import { parseManifest, simulatedCalibration } from "kitti-sim";
import type { Target } from "../target.js";

const CAR = {
  type: "Car",
  truncated: 0,
  occluded: 0,
  alpha: -1.5,
  bbox: [500, 150, 600, 250],
  dimensions: [1.5, 1.6, 3.9],
  location: [1, 1.7, 20],
  rotationY: -1.45,
} as const;
const IGNORED = { ...CAR, type: "DontCare", truncated: -1, occluded: -1, dimensions: [-1, -1, -1] } as const;

/** A label file of two objects. */
export const LABELS = encodeLabels([CAR, IGNORED]);
/** A result file of two. */
export const RESULTS = encodeLabels([
  { ...CAR, score: 0.9 },
  { ...CAR, type: "Cyclist", score: 0.1 },
]);
export const CALIBRATION = encodeCalibration(simulatedCalibration());
/** A few points ahead. */
export const SCAN = encodeScan(Float32Array.from({ length: 64 }, (_, i) => (i % 4 === 3 ? 0.5 : 8 + i / 10)));

const picture = (channels: 3 | 4, width = 5, height = 3) =>
  encode({ width, height, data: new Uint8Array(channels * width * height).fill(77), channels, depth: 8 });

const jpeg = (width: number, height: number) =>
  encodeJpeg({ width, height, data: new Uint8Array(4 * width * height).map((_, i) => i % 251) }, 80).data;

/** What a list of frames is held against. */
const KNOWN_FRAMES = { root: "data", ids: ["000000", "000001"], part: () => [] };

/** Files of KITTI's layout. */
export const kittiFiles: readonly Target[] = [
  { name: "labels", file: "labels.txt", seeds: () => [LABELS, RESULTS, ""], read: (path) => readLabels(path) },
  {
    name: "results",
    file: "results.txt",
    seeds: () => [RESULTS],
    read: (path) => readLabels(path, { score: "required", classes: "any" }),
  },
  { name: "calibration", file: "calib.txt", seeds: () => [CALIBRATION], read: (path) => readCalibration(path) },
  { name: "scan", file: "scan.bin", seeds: () => [SCAN], read: (path) => readScan(path) },
  {
    name: "image",
    file: "image.png",
    seeds: () => [picture(3), picture(4), picture(3, 300, 200)],
    async read(path) {
      await readImageSize(path);
      return decodeImage(readFileSync(path), path);
    },
  },
  {
    name: "jpeg",
    file: "image.jpg",
    seeds: () => [jpeg(5, 3), jpeg(70, 40)],
    async read(path) {
      await readImageSize(path);
      return decodeImage(readFileSync(path), path);
    },
  },
  {
    name: "image-set",
    file: "set.txt",
    seeds: () => ["000000\n000001\n000007\n"],
    read: (path) => parseImageSet(readFileSync(path, "utf8"), path),
  },
  {
    name: "frame-list",
    file: "list.txt",
    seeds: () => ["000000\n000001\n"],
    read: (path) => resolveSplit(KNOWN_FRAMES, path),
  },
  {
    name: "manifest",
    file: "kitti-sim.json",
    seeds: () => ['{\n  "seed": 0,\n  "train": 20,\n  "val": 6,\n  "field": "camera"\n}\n'],
    read: (path) => parseManifest(readFileSync(path, "utf8"), path),
  },
];
