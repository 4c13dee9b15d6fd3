import { seededRandom } from "test-support";
import { bench, describe } from "vitest";
import {
  boxesFromObjects,
  cropToCameraView,
  encodeLabels,
  encodeScan,
  objectFromBox,
  parseLabels,
  parseScan,
} from "../src/index.js";
import { randomCalibration, randomObject } from "../test/synthetic.js";

const rng = seededRandom(1);
const calibration = randomCalibration(rng, 0.02);
const imageSize = { width: 1242, height: 375 };
const points = Float32Array.from({ length: 480_000 }, (_, i) =>
  i % 4 === 3 ? rng() : (rng() - 0.5) * [160, 160, 4][i % 4],
);
const scan = encodeScan(points);
const objects = Array.from({ length: 100 }, () => randomObject(rng));
const labels = encodeLabels(objects);
const boxes = boxesFromObjects(objects, calibration);

const kept = cropToCameraView(points, calibration, imageSize).length / 4;
if (String(parseScan(scan)) !== String(points) || kept < 5_000 || kept > 60_000) throw new Error("wrong scan");
if (encodeLabels(parseLabels(labels)) !== labels) throw new Error("wrong labels");

describe("a sweep of 120 000 points", () => {
  bench("parseScan", () => void parseScan(scan));
  bench("encodeScan", () => void encodeScan(points));
  bench("cropToCameraView", () => void cropToCameraView(points, calibration, imageSize));
});

describe("a frame of 100 objects", () => {
  bench("parseLabels", () => void parseLabels(labels));
  bench("encodeLabels", () => void encodeLabels(objects));
  bench("boxesFromObjects", () => void boxesFromObjects(objects, calibration));
  bench("objectFromBox, 100 times", () => {
    for (let i = 0; i < 700; i += 7) objectFromBox(boxes.subarray(i, i + 7), calibration, { type: "Car", imageSize });
  });
});
