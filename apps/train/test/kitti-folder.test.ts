import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "test-support";
import { describe, expect, it } from "vitest";
import type { DataReading } from "../src/frames/data-reading.js";
import { openDataSource } from "../src/frames/open-data-source.js";

describe("classes of a KITTI folder", () => {
  it("are words, as its result files have them: an evaluation after the training would fail else", () => {
    const open = (reading: DataReading) => () => openDataSource("any", { reading });
    const classes = { Person_sitting: "Person sitting" };
    expect(open({ classes })).toThrow(
      'data.classes.Person_sitting: expected a name without spaces, as KITTI\'s result files have them, got "Person sitting"; ' +
        "Person_sitting would do, in the detector's classes too",
    );
    // Of whole scans detections are lines of boxes, whose classes may have spaces.
    expect(open({ classes, view: "full" })).not.toThrow();
    expect(open({ classes: { Van: "Car" } })).not.toThrow();
  });
});

describe("the files that a KITTI folder has to have", () => {
  const root = temporaryFolder("eloss-kitti-folder");
  const write = (folder: string, name: string) => {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, name), "");
  };
  const require = (ids: readonly string[], labels?: boolean) =>
    openDataSource(root, labels === undefined ? {} : { labels }).require(ids);

  it("are labels of every frame where they are read, and of none where they are not", async () => {
    for (const id of ["1", "2"]) {
      write("velodyne", `${id}.bin`);
      write("calib", `${id}.txt`);
    }
    write("label_2", "1.txt");
    await require(["1"]);
    await expect(require(["1", "2"])).rejects.toThrow(
      `${join(root, "label_2", "2.txt")}: expected this file for frame 2 (its labels, as label_2 exists), got no such file`,
    );
    await require(["1", "2"], false); // as inference does, of frames that nobody has labelled yet
  });

  it("are looked for where frames are, whatever else is called training", async () => {
    write("training", "notes.txt");
    await require(["1"]);
    rmSync(join(root, "training"), { recursive: true });
  });

  it("are a scan and a calibration", async () => {
    await expect(require(["3"])).rejects.toThrow(`${join(root, "velodyne", "3.bin")}: expected this file for frame 3`);
    await expect(require(["../velodyne/1"])).rejects.toThrow("(its scan), got no such file");
    rmSync(join(root, "calib", "2.txt"));
    await expect(require(["2"], false)).rejects.toThrow("(its calibration), got no such file");
  });
});
