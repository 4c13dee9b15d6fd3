import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveSplit } from "../src/frames/frame-split.js";
import { openDataSource } from "../src/frames/open-data-source.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "eloss-split-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function addScans(folder: string, ids: readonly string[]): void {
  mkdirSync(join(folder, "velodyne"), { recursive: true });
  for (const id of ids) writeFileSync(join(folder, "velodyne", `${id}.bin`), "");
}

describe("resolveSplit", () => {
  it("takes ImageSets where there are any", () => {
    addScans(join(root, "training"), ["000000", "000001", "000002"]);
    mkdirSync(join(root, "ImageSets"));
    writeFileSync(join(root, "ImageSets", "train.txt"), "000002\n000001\n");
    expect(resolveSplit(openDataSource(root), "train")).toEqual(["000002", "000001"]);
  });

  it("knows the usual split of the first frames, for a folder with a few of them", () => {
    addScans(root, ["000000", "000001", "000003", "000004"]);
    expect(resolveSplit(openDataSource(root), "train")).toEqual(["000000", "000003"]);
    expect(resolveSplit(openDataSource(root), "val")).toEqual(["000001", "000004"]);
  });

  it("says how to take all frames where none of the folder's few is of the part", () => {
    addScans(root, ["000001", "000004"]);
    expect(() => resolveSplit(openDataSource(root), "train")).toThrow(
      /--split "train": expected one frame or more of .*, got none; --split all takes every one of the 2 frames there/,
    );
  });

  it("does not guess for frames whose place in the usual split it does not know", () => {
    addScans(root, ["000000", "001234"]);
    expect(() => resolveSplit(openDataSource(root), "train")).toThrow(
      /--split train: expected .*ImageSets.train\.txt, found no ImageSets folder/,
    );
    expect(resolveSplit(openDataSource(root), "all")).toEqual(["000000", "001234"]);
  });

  it("takes ids and list files, and names a frame that is not there", () => {
    addScans(root, ["000000", "000007"]);
    const list = join(root, "mine.txt");
    writeFileSync(list, "000007\n");
    expect(resolveSplit(openDataSource(root), "000007,000000")).toEqual(["000007", "000000"]);
    expect(resolveSplit(openDataSource(root), " 000007, 000000")).toEqual(["000007", "000000"]);
    expect(resolveSplit(openDataSource(root), list)).toEqual(["000007"]);
    expect(() => resolveSplit(openDataSource(root), "000007,000009")).toThrow(
      /--split "000007,000009": expected frames of .*, got "000009" \(1 of 2 are not there\)/,
    );
    writeFileSync(list, "000007\n../../etc/passwd\u001b\n");
    expect(() => resolveSplit(openDataSource(root), list)).toThrow(
      /mine\.txt:2: expected frames of .*, got "\.\.\/\.\.\/etc\/passwd\\u001b" \(1 of 2/,
    );
  });

  it("refuses what names no frame, or one twice", () => {
    addScans(root, ["000000", "000007"]);
    const list = join(root, "mine.txt");
    writeFileSync(list, "\n \n");
    expect(() => resolveSplit(openDataSource(root), list)).toThrow(
      /mine\.txt: expected one frame or more of .*, got none/,
    );
    writeFileSync(list, "000007\n000000\n000007\n");
    expect(() => resolveSplit(openDataSource(root), list)).toThrow(
      /mine\.txt:3: expected each frame once, got 000007 again after .*mine\.txt:1/,
    );
    mkdirSync(join(root, "ImageSets"));
    writeFileSync(join(root, "ImageSets", "val.txt"), "");
    expect(() => resolveSplit(openDataSource(root), "val")).toThrow(/--split "val": expected one frame or more/);
    rmSync(join(root, "velodyne"), { recursive: true });
    addScans(root, []);
    expect(() => resolveSplit(openDataSource(root), "all")).toThrow(
      /velodyne: expected scans .*, found an empty folder/,
    );
    writeFileSync(join(root, "velodyne", "000000.pcd"), "");
    expect(() => resolveSplit(openDataSource(root), "all")).toThrow(
      /velodyne: expected scans \(\.bin\), found 000000\.pcd; scans of other formats are read from ROOT\/points/,
    );
  });

  it("says what a KITTI root looks like when it is given something else", () => {
    const expected =
      /expected a KITTI root with training\/velodyne or velodyne in it, found neither, nor points or lidar/;
    expect(() => resolveSplit(openDataSource(root), "train")).toThrow(expected);
    expect(() => openDataSource(join(root, "misspelt")).requireLabels()).toThrow(expected);
  });
});
