import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type KittiFrame, openDataset, parseImageSet, writeCalibration, writeLabels, writeScan } from "../src/index.js";
import { car, inTemporaryFolder, pngHeader, upright } from "./synthetic.js";

/** Writes frames that differ in the intensity of their only point. */
async function makeFrames(folder: string, ids: readonly string[], labels = true): Promise<void> {
  const folders = ["velodyne", "calib", "image_2", ...(labels ? ["label_2"] : [])];
  for (const name of folders) await mkdir(join(folder, name), { recursive: true });
  for (const id of ids) {
    await writeScan(join(folder, "velodyne", `${id}.bin`), Float32Array.of(10, 0, -1, Number(id)));
    await writeCalibration(join(folder, "calib", `${id}.txt`), upright);
    await writeFile(join(folder, "image_2", `${id}.png`), pngHeader(1200, 360));
    if (labels) await writeLabels(join(folder, "label_2", `${id}.txt`), [car]);
  }
}

async function collect(frames: AsyncIterable<KittiFrame>): Promise<KittiFrame[]> {
  const out: KittiFrame[] = [];
  for await (const frame of frames) out.push(frame);
  return out;
}

const rejection = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error) => `${error.name}: ${error.message}`,
  );

describe("openDataset", () => {
  it("the benchmark's layout: training with labels, testing without", () =>
    inTemporaryFolder(async (root) => {
      await makeFrames(join(root, "training"), ["000002", "000000", "000001"]);
      await makeFrames(join(root, "testing"), ["000007"], false);
      const training = await openDataset(root);
      expect(training.ids).toEqual(["000000", "000001", "000002"]);
      expect(training.folder).toBe(join(root, "training"));
      const frames = await collect(training);
      expect(frames.map(({ id, points }) => [id, points[3]])).toEqual([
        ["000000", 0],
        ["000001", 1],
        ["000002", 2],
      ]);
      expect(frames[0]).toEqual({
        id: "000000",
        points: Float32Array.of(10, 0, -1, 0),
        calibration: upright,
        objects: [car],
        imageSize: { width: 1200, height: 360 },
      });
      const [testing] = await collect(await openDataset(root, { split: "testing" }));
      expect(testing.id).toBe("000007");
      expect("objects" in testing).toBe(false);
    }));

  it("images may be JPEG files; files that macOS leaves beside others are no frames", () =>
    inTemporaryFolder(async (root) => {
      await makeFrames(root, ["000000", "000005"]);
      const images = join(root, "image_2");
      await rename(join(images, "000005.png"), join(images, "000005.jpeg"));
      await writeFile(join(root, "velodyne", "._000000.bin"), "");
      const dataset = await openDataset(root);
      expect(dataset.ids).toEqual(["000000", "000005"]);
      expect(dataset.files("000000").image).toBe(join(images, "000000.png"));
      expect(dataset.files("000005").image).toBe(join(images, "000005.jpeg"));
    }));

  it("a root that holds the folders itself; iterating twice; single frames", () =>
    inTemporaryFolder(async (root) => {
      await makeFrames(root, ["000000", "000005"]);
      const dataset = await openDataset(root);
      expect((await collect(dataset)).length + (await collect(dataset)).length).toBe(4);
      expect((await dataset.readFrame("000005")).points[3]).toBe(5);
      expect(dataset.files("000005")).toEqual({
        id: "000005",
        scan: join(root, "velodyne", "000005.bin"),
        calibration: join(root, "calib", "000005.txt"),
        labels: join(root, "label_2", "000005.txt"),
        image: join(root, "image_2", "000005.png"),
      });
      expect(await rejection(dataset.readFrame("000001"))).toBe(
        `RangeError: openDataset: expected a frame of the index of ${root}, got 000001`,
      );
      expect(await rejection(openDataset(root, { split: "testing" }))).toBe(
        `Error: openDataset: ${root}: expected a folder testing in it, got calib, image_2, label_2, velodyne`,
      );
    }));

  it("an image set where present, a list where not, the list's order", () =>
    inTemporaryFolder(async (root) => {
      await makeFrames(join(root, "training"), ["000000", "000001", "000002"]);
      await mkdir(join(root, "ImageSets"));
      await writeFile(join(root, "ImageSets", "train.txt"), "000002\r\n\n000000\n");
      const open = async (imageSet?: string, frames?: string[]) => (await openDataset(root, { imageSet, frames })).ids;
      expect(await open("train")).toEqual(["000002", "000000"]);
      expect(await open("train", ["000001"])).toEqual(["000002", "000000"]);
      expect(await open("val", ["000001"])).toEqual(["000001"]);
      expect(await open(undefined, ["000001", "000000"])).toEqual(["000001", "000000"]);
      expect(await open(undefined, [])).toEqual([]);
      expect(await rejection(open("val"))).toBe(
        `Error: openDataset: ${join(root, "ImageSets", "val.txt")}: expected this file for the image set val, ` +
          "got no such file; give the names in frames, or leave imageSet out to take every scan",
      );
    }));

  it("refuses lists that are wrong, and names that lead out of the folder", () =>
    inTemporaryFolder(async (root) => {
      await makeFrames(root, ["000000"]);
      await mkdir(join(root, "ImageSets"));
      const list = join(root, "ImageSets", "train.txt");
      await writeFile(list, "000000\n../../etc/passwd\n");
      expect(await rejection(openDataset(root, { imageSet: "train" }))).toBe(
        `Error: parseImageSet: ${list}:2: expected a frame name, got "../../etc/passwd"`,
      );
      await writeFile(list, "000000\n\n000000\n");
      expect(await rejection(openDataset(root, { imageSet: "train" }))).toBe(
        `Error: parseImageSet: ${list}:3: expected each frame once, got 000000 again after ${list}:1`,
      );
      const many = Array.from({ length: 1_000_001 }, (_, i) => String(i)).join("\n");
      expect(() => parseImageSet(many, "all.txt")).toThrow(
        "parseImageSet: all.txt:1000001: expected at most 1000000 frames, got more",
      );
      expect(await rejection(openDataset(root, { frames: ["000000", ".."] }))).toBe(
        'Error: openDataset: frames[1]: expected a frame name, got ".."',
      );
      expect(await rejection(openDataset(root, { imageSet: "../train" }))).toBe(
        'RangeError: openDataset: expected a plain name for imageSet, got "../train"',
      );
      expect(await rejection(openDataset(root, { frames: ["000003"] }))).toBe(
        `Error: openDataset: ${join(root, "velodyne", "000003.bin")}: expected this file for frame 000003 (its scan), got no such file`,
      );
    }));

  it("a missing file is found when opening, with what it was wanted for", () =>
    inTemporaryFolder(async (root) => {
      await makeFrames(root, ["000000", "000001"]);
      const label = join(root, "label_2", "000001.txt");
      await rm(label);
      expect(await rejection(openDataset(root))).toBe(
        `Error: openDataset: ${label}: expected this file for frame 000001 (its labels, as label_2 exists), got no such file`,
      );
      await rm(join(root, "label_2"), { recursive: true });
      expect((await collect(await openDataset(root))).every((frame) => frame.objects === undefined)).toBe(true);
      await rm(join(root, "image_2"), { recursive: true });
      expect((await collect(await openDataset(root))).every((frame) => frame.imageSize === undefined)).toBe(true);
      const calib = join(root, "calib", "000000.txt");
      await rm(calib);
      expect(await rejection(openDataset(root))).toContain(
        `${calib}: expected this file for frame 000000 (its calibration)`,
      );
      await rm(join(root, "calib"), { recursive: true });
      expect(await rejection(openDataset(root))).toBe(
        `Error: openDataset: ${join(root, "calib")}: expected a folder with calibrations, got no such file or folder`,
      );
    }));

  it("no folder, a file in its place, an empty one", () =>
    inTemporaryFolder(async (root) => {
      const none = join(root, "none");
      expect(await rejection(openDataset(none))).toBe(
        `Error: openDataset: ${none}: expected a folder with the data set, got no such file or folder`,
      );
      await writeFile(none, "");
      expect(await rejection(openDataset(none))).toContain("got a path through something that is no folder");
      await mkdir(join(root, "empty"));
      expect(await rejection(openDataset(join(root, "empty")))).toContain(
        "expected a folder training or velodyne in it, got an empty folder",
      );
      expect(await rejection(openDataset(root, { split: "val" as "testing" }))).toContain(
        'expected "training" or "testing" for split, got val',
      );
    }));

  it("a wrong file is found when its frame is read; options reach the parsers", () =>
    inTemporaryFolder(async (root) => {
      await makeFrames(root, ["000000", "000001"]);
      const scan = join(root, "velodyne", "000001.bin");
      await writeFile(scan, new Uint8Array(Float32Array.of(Number.NaN, 0, 0, 0, 1, 2, 3, 4).buffer));
      await writeLabels(join(root, "label_2", "000000.txt"), [{ ...car, type: "Tractor" }]);
      const strict = await openDataset(root);
      expect(await rejection(strict.readFrame("000001"))).toContain(
        `parseScan: ${scan}: byte offset 0: expected a finite x for point 0, got NaN`,
      );
      expect(await rejection(strict.readFrame("000000"))).toContain(
        "000000.txt:1: column 1 (type): expected one of Car",
      );
      const loose = await openDataset(root, { nonFinite: "drop", classes: "any" });
      const frames = await collect(loose);
      expect(frames[0].objects![0].type).toBe("Tractor");
      expect([...frames[1].points]).toEqual([1, 2, 3, 4]);
    }));

  it("empty scans and frames without objects are frames like others", () =>
    inTemporaryFolder(async (root) => {
      await makeFrames(root, ["000000"]);
      await writeFile(join(root, "velodyne", "000000.bin"), "");
      await writeFile(join(root, "label_2", "000000.txt"), "");
      const [frame] = await collect(await openDataset(root));
      expect([frame.points.length, frame.objects]).toEqual([0, []]);
      expect((await readdir(join(root, "velodyne"))).length).toBe(1);
    }));
});
