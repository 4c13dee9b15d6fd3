import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { goldenPath, skipNote } from "test-support";
import { describe, expect, it } from "vitest";
import {
  boxesFromObjects,
  boxFromObject,
  cropToCameraView,
  encodeCalibration,
  encodeLabels,
  encodeScan,
  objectFromBox,
  openDataset,
  wrapAngle,
} from "../src/index.js";

interface ExpectedFile {
  readonly sha256: string;
  readonly bytes: number;
}

type Expected = Record<
  string,
  Record<"velodyne" | "velodyne_reduced" | "label_2" | "calib", ExpectedFile> & { imageSize: [number, number] }
>;

const root = goldenPath("kitti-mini");
const golden = goldenPath("golden/kitti-io");
const second = goldenPath("golden/second/inputs.safetensors");
const note = skipNote("kitti-mini") || skipNote("golden/kitti-io");

function digest(bytes: Uint8Array | string): ExpectedFile {
  return { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: Buffer.byteLength(bytes) };
}

const expected: Expected = golden ? JSON.parse(readFileSync(join(golden, "expected.json"), "utf8")) : {};
const ids = Object.keys(expected);

describe.skipIf(!root || !golden)(`sixteen real frames${note}`, () => {
  it("are found", async () => {
    expect((await openDataset(root!)).ids).toEqual(ids);
    expect(ids.length).toBe(16);
  });

  it.each(ids)("%s: files come out byte for byte, and so does the camera view", async (id) => {
    const frame = await (await openDataset(root!)).readFrame(id);
    const truth = expected[id];
    expect(digest(encodeScan(frame.points))).toEqual(truth.velodyne);
    expect(digest(encodeCalibration(frame.calibration))).toEqual(truth.calib);
    expect(digest(encodeLabels(frame.objects!))).toEqual(truth.label_2);
    const { width, height } = frame.imageSize!;
    expect([width, height]).toEqual(truth.imageSize);
    const crop = cropToCameraView(frame.points, frame.calibration, frame.imageSize!);
    expect(digest(encodeScan(crop))).toEqual(truth.velodyne_reduced);
  });

  it.each(ids)("%s: label → box → label", async (id) => {
    const { objects, calibration, imageSize } = await (await openDataset(root!)).readFrame(id);
    const real = objects!.filter((object) => object.type !== "DontCare");
    for (const object of real) {
      const again = objectFromBox(boxFromObject(object, calibration), calibration, { ...object, imageSize });
      [...again.location, ...again.dimensions].forEach((value, i) => {
        expect(Math.abs(value - [...object.location, ...object.dimensions][i])).toBeLessThan(1e-6);
      });
      expect(Math.abs(wrapAngle(again.rotationY - object.rotationY))).toBeLessThan(1e-6);
      // Annotators' own alpha and 2D boxes: alpha refers to another point of the car, boxes were drawn by hand.
      expect(Math.abs(wrapAngle(again.alpha - object.alpha))).toBeLessThan(0.04);
      again.bbox.forEach((value, k) => {
        expect(Math.abs(value - object.bbox[k])).toBeLessThan(12);
      });
    }
  });
});

describe.skipIf(!root || !second)(`boxes of frames 000000 and 000010${note || skipNote("golden/second")}`, () => {
  it("equal those of an independent program, to float32", async () => {
    const bytes = readFileSync(second!);
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
    const dataset = await openDataset(root!);
    for (const [sample, id] of ["000000", "000010"].entries()) {
      const [start, end] = header[`${sample}/boxes`].data_offsets.map((at: number) => at + 8 + length);
      const truth = new Float32Array(new Uint8Array(bytes.subarray(start, end)).buffer);
      const { objects, calibration } = await dataset.readFrame(id);
      const real = objects!.filter(({ type }) => type !== "DontCare");
      const boxes = boxesFromObjects(real, calibration);
      // the golden keeps the objects in the detector's range, in the order of the file: the first ones here
      expect(truth.length).toBeGreaterThanOrEqual(7);
      truth.forEach((value, i) => {
        expect(Math.abs(Math.fround(boxes[i]) - value)).toBeLessThanOrEqual(4e-6);
      });
    }
  });
});
