import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeUnless, expectClose, goldenMissing, goldenPath, readSafetensors } from "test-support";
import { expect, it } from "vitest";
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
const second = goldenPath("golden/second");

function digest(bytes: Uint8Array | string): ExpectedFile {
  return { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: Buffer.byteLength(bytes) };
}

const expected: Expected = golden ? JSON.parse(readFileSync(join(golden, "expected.json"), "utf8")) : {};
const ids = Object.keys(expected);

describeUnless(goldenMissing("kitti-mini", "golden/kitti-io"), "sixteen real frames", () => {
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

describeUnless(goldenMissing("kitti-mini", "golden/second"), "boxes of frames 000000 and 000010", () => {
  it("equal those of an independent program, to float32", async () => {
    const stored = readSafetensors(join(second!, "inputs.safetensors"));
    const dataset = await openDataset(root!);
    for (const [sample, id] of ["000000", "000010"].entries()) {
      const truth = stored.get(`${sample}/boxes`)!.data;
      const { objects, calibration } = await dataset.readFrame(id);
      const real = objects!.filter(({ type }) => type !== "DontCare");
      const boxes = boxesFromObjects(real, calibration);
      // the golden keeps the objects in the detector's range, in the order of the file: the first ones here
      expect(truth.length).toBeGreaterThanOrEqual(7);
      expectClose(Float32Array.from(boxes.subarray(0, truth.length)), truth, { absolute: 4e-6 });
    }
  });
});
