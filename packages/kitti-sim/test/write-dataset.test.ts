import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { openDataset } from "kitti-io";
import { temporaryFolder } from "test-support";
import { describe, expect, test } from "vitest";
import { type DatasetProgress, parseManifest, simulateFrame, writeSimulatedDataset } from "../src/index.js";

const root = temporaryFolder("kitti-sim");

/** Small and quick: a quarter of the rays. */
const small = { train: 2, val: 1, seed: 5, field: "camera" } as const;

/** Every file of a folder with the hash of its content. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );
  return Object.fromEntries(
    files.sort().map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(join(folder, file)))
        .digest("hex"),
    ]),
  );
}

describe("writeSimulatedDataset", () => {
  test("writes KITTI's layout, the same bytes for 0, 1 and 2 workers", async () => {
    const reports: DatasetProgress[] = [];
    const written = await writeSimulatedDataset(join(root, "0"), {
      ...small,
      workers: 0,
      onFrame: (now) => reports.push(now),
    });
    expect(written).toEqual({ written: 3, kept: 0 });
    expect(reports).toEqual([0, 1, 2, 3].map((done) => ({ done, total: 3, kept: 0 })));
    const expected = contents(join(root, "0"));
    const frames = ["000000", "000001", "000002"];
    expect(Object.keys(expected)).toEqual(
      [
        "kitti-sim.json",
        ...["train", "trainval", "val"].map((name) => `ImageSets/${name}.txt`),
        ...frames
          .flatMap((id) => [`calib/${id}.txt`, `image_2/${id}.png`, `label_2/${id}.txt`, `velodyne/${id}.bin`])
          .map((file) => `training/${file}`),
      ].sort(),
    );
    expect(readFileSync(join(root, "0/ImageSets/train.txt"), "utf8")).toBe("000000\n000001\n");
    expect(readFileSync(join(root, "0/ImageSets/val.txt"), "utf8")).toBe("000002\n");
    for (const workers of [1, 2]) {
      await writeSimulatedDataset(join(root, `${workers}`), { ...small, workers });
      expect(contents(join(root, `${workers}`))).toEqual(expected);
    }
  });

  test("reads back as the frames that simulateFrame makes", async () => {
    const dataset = await openDataset(join(root, "0"), { imageSet: "trainval" });
    expect(dataset.ids).toEqual(["000000", "000001", "000002"]);
    for (const [frame, id] of dataset.ids.entries()) {
      const { points, calibration, objects, imageSize } = await dataset.readFrame(id);
      const made = simulateFrame({ seed: 5, frame, field: "camera" });
      expect(Buffer.from(points.buffer).equals(Buffer.from(made.points.buffer))).toBe(true);
      expect(calibration).toEqual(made.calibration);
      expect(imageSize).toEqual({ width: 1242, height: 375 });
      expect(objects?.map(({ type }) => type)).toEqual(made.objects.map(({ type }) => type));
    }
  });

  test("sweeps what a killed process was writing, not what a living one is", async () => {
    const folder = join(root, "swept");
    const made = { train: 0, val: 1, seed: 5, field: "camera", workers: 0 } as const;
    await writeSimulatedDataset(folder, made);
    const expected = contents(folder);
    const dead = 2 ** 22 + 1;
    for (const file of ["kitti-sim.json", "ImageSets/val.txt", "training/velodyne/000000.bin"]) {
      for (const pid of [dead, process.ppid]) writeFileSync(join(folder, `${file}.${pid}.tmp`), "half");
    }
    await writeSimulatedDataset(folder, made);
    const left = Object.keys(contents(folder)).filter((file) => !(file in expected));
    expect(left).toHaveLength(3);
    for (const file of left) expect(file).toContain(`.${process.ppid}.tmp`);
  });

  test("leaves to another machine what that is writing; what has lain there for long is swept", async () => {
    const folder = join(root, "shared");
    const made = { train: 0, val: 0 } as const;
    await writeSimulatedDataset(folder, made);
    mkdirSync(join(folder, "training/velodyne"), { recursive: true });
    const expected = contents(folder);
    const dead = 2 ** 22 + 1;
    const name = (host: string) => join(folder, `training/velodyne/000000.bin.${dead}.${host}-0123abcd.tmp`);
    const here = hostname().replace(/[^\w-]/g, "_");
    for (const host of ["node-7", "node-8", here]) writeFileSync(name(host), "half");
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(name("node-8"), longAgo, longAgo);
    await writeSimulatedDataset(folder, made);
    expect(Object.keys(contents(folder)).filter((file) => !(file in expected))).toEqual([
      `training/velodyne/000000.bin.${dead}.node-7-0123abcd.tmp`,
    ]);
  });

  test("two that begin with other options in one folder at once do not mix: one is refused", async () => {
    const folder = join(root, "both");
    const begun = [5, 6].map((seed) => writeSimulatedDataset(folder, { train: 0, val: 0, seed }));
    const ends = await Promise.allSettled(begun);
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = ends.find((end) => end.status === "rejected")!;
    expect(refused.reason.message).toMatch(/expected a dataset of seed [56] in .*, got one of seed [56]/);
    const { seed } = parseManifest(readFileSync(join(folder, "kitti-sim.json"), "utf8"));
    expect(ends[seed - 5].status).toBe("fulfilled");
    expect(readdirSync(folder).sort()).toEqual(["ImageSets", "kitti-sim.json"]);
  });

  test("goes on where it was stopped, and ends with the same bytes", async () => {
    const folder = join(root, "stopped");
    const stopping = new AbortController();
    const stopped = writeSimulatedDataset(folder, {
      ...small,
      workers: 0,
      signal: stopping.signal,
      onFrame: ({ done }) => done === 1 && stopping.abort(new Error("enough")),
    });
    await expect(stopped).rejects.toThrow("enough");
    expect(readdirSync(join(folder, "training/velodyne"))).toEqual(["000000.bin"]);
    // as if it had been killed while it wrote frame 1
    writeFileSync(join(folder, "training/image_2/000001.png"), "half");
    const before = statSync(join(folder, "training/velodyne/000000.bin")).mtimeMs;
    expect(await writeSimulatedDataset(folder, { ...small, workers: 1 })).toEqual({ written: 2, kept: 1 });
    expect(statSync(join(folder, "training/velodyne/000000.bin")).mtimeMs).toBe(before);
    expect(contents(folder)).toEqual(contents(join(root, "0")));
    expect(await writeSimulatedDataset(folder, { ...small, workers: 1 })).toEqual({ written: 0, kept: 3 });
  });

  test("refuses a folder of other options, of other data, or whose frames are not its own", async () => {
    await expect(writeSimulatedDataset(join(root, "0"), { ...small, seed: 6, val: 2 })).rejects.toThrow(
      `writeSimulatedDataset: expected a dataset of seed 6, val 2 in ${join(root, "0")}, got one of seed 5, val 1; ` +
        "choose another folder, delete this one, or give the options that it was made with",
    );
    const foreign = join(root, "foreign");
    mkdirSync(join(foreign, "training"), { recursive: true });
    await expect(writeSimulatedDataset(foreign, small)).rejects.toThrow(/has data but no kitti-sim.json/);
    appendFileSync(join(root, "2/training/label_2/000000.txt"), "\n");
    await expect(writeSimulatedDataset(join(root, "2"), { ...small, workers: 0 })).rejects.toThrow(
      /expected frame 000000 in .* as seed 5 makes it, got other bytes: .* delete the folder/,
    );
    writeFileSync(join(foreign, "kitti-sim.json"), "{");
    await expect(writeSimulatedDataset(foreign, small)).rejects.toThrow(/kitti-sim.json: expected JSON, got "{"/);
  });

  test("says that a file lies where the folder should, and which file cannot be written below one", async () => {
    const file = join(root, "a file");
    writeFileSync(file, "");
    await expect(writeSimulatedDataset(file, small)).rejects.toThrow(
      `writeSimulatedDataset: expected a folder or a new name, got ${file}, which is a file`,
    );
    const below = join(file, "streets");
    await expect(writeSimulatedDataset(below, small)).rejects.toThrow(
      `cannot write ${join(below, "kitti-sim.json")}: ENOTDIR`,
    );
  });

  test.each([
    ["[1]", "x.json: expected an object, got [1]"],
    ['{"field":"full","seed":-1}', "x.json: seed: expected a whole number from 0 to 9007199254740991, got -1"],
    [
      '{"field":"full","seed":0,"train":1e9}',
      "x.json: train: expected a whole number from 0 to 1000000, got 1000000000",
    ],
    [
      '{"field":"full","seed":0,"train":1,"val":1,"beams":[16]}',
      "x.json: beams: expected a list of 32, 64, 128, got [16]",
    ],
    [
      '{"field":"full","seed":0,"train":1,"val":1,"panes":"none"}',
      'x.json: panes: expected "clear" or "tinted", got "none"',
    ],
    ['{"field":"\\u001b"}', 'x.json: field: expected "full" or "camera", got "\\u001b"'],
  ])("a manifest %s is refused by its key", (text, message) => {
    expect(() => parseManifest(text, "x.json")).toThrow(`parseManifest: ${message}`);
  });

  test("refuses options out of range, and stops before it begins", async () => {
    const none = join(root, "none");
    await expect(writeSimulatedDataset(none, { ...small, train: -1 })).rejects.toThrow(
      "writeSimulatedDataset: expected a whole number from 0 to 1000000 for train, got -1",
    );
    await expect(writeSimulatedDataset(none, { ...small, train: 600_000, val: 600_000 })).rejects.toThrow(
      "expected a whole number from 0 to 400000 for val, got 600000",
    );
    await expect(writeSimulatedDataset(none, { ...small, workers: 257 })).rejects.toThrow("0 to 256 for workers");
    await expect(writeSimulatedDataset(none, { ...small, workers: 1.5 })).rejects.toThrow(/for workers, got 1.5/);
    await expect(writeSimulatedDataset(none, { ...small, field: "left" as "full" })).rejects.toThrow(
      'writeSimulatedDataset: expected "full" or "camera" for field, got "left"',
    );
    await expect(writeSimulatedDataset(none, { ...small, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    expect(readdirSync(root)).not.toContain("none");
  });

  test("tinted panes are kept in the manifest, and a folder of clear ones is not gone on with", async () => {
    const folder = join(root, "tinted");
    const tinted = { ...small, train: 1, val: 0, panes: "tinted", workers: 0 } as const;
    await writeSimulatedDataset(folder, tinted);
    expect(parseManifest(readFileSync(join(folder, "kitti-sim.json"), "utf8")).panes).toBe("tinted");
    const { points } = await (await openDataset(folder)).readFrame("000000");
    const [clear, made] = (["clear", "tinted"] as const).map((panes) =>
      simulateFrame({ seed: small.seed, frame: 0, field: small.field, panes }),
    );
    expect(Buffer.from(points.buffer).equals(Buffer.from(made.points.buffer))).toBe(true);
    expect(made.points.length).toBeLessThan(clear.points.length);
    await expect(writeSimulatedDataset(folder, { ...tinted, panes: "clear" })).rejects.toThrow(
      `expected a dataset of panes clear in ${folder}, got one of panes tinted; choose another folder`,
    );
    await expect(writeSimulatedDataset(folder, { ...tinted, panes: "blue" as "clear" })).rejects.toThrow(
      'writeSimulatedDataset: expected "clear" or "tinted" for panes, got "blue"',
    );
  });

  test("sensors take turns, and labels go all round", async () => {
    const folder = join(root, "round");
    const round = { train: 2, val: 0, seed: 5, beams: [32, 64], labels: "full" } as const;
    await writeSimulatedDataset(folder, { ...round, workers: 0 });
    expect(parseManifest(readFileSync(join(folder, "kitti-sim.json"), "utf8"))).toEqual({
      ...round,
      ...{ field: "full", panes: "clear" },
    });
    const { readFrame, ids } = await openDataset(folder);
    for (const [frame, beams] of round.beams.entries()) {
      const { points, objects } = await readFrame(ids[frame]);
      const made = simulateFrame({ seed: 5, frame, beams, labels: "full" });
      expect(Buffer.from(points.buffer).equals(Buffer.from(made.points.buffer))).toBe(true);
      expect(objects?.length).toBe(made.objects.length);
      expect(objects?.some(({ bbox }) => bbox[2] === 0)).toBe(true);
      // a beam of 32 fires 1084 times, one of 64 2154 times; a good part hits nothing
      expect(points.length / 4 > 32 * 1084).toBe(beams === 64);
    }
    await expect(writeSimulatedDataset(folder, { ...round, beams: 64 })).rejects.toThrow(
      `expected a dataset of beams 64 in ${folder}, got one of beams 32,64`,
    );
    await expect(writeSimulatedDataset(folder, { ...round, beams: 16 as 32 })).rejects.toThrow(
      "writeSimulatedDataset: expected 32, 64, 128 for beams, got 16",
    );
    await expect(writeSimulatedDataset(folder, { ...round, beams: [] })).rejects.toThrow("for beams, got none");
  });

  test("a manifest from before there were sensors and labels to choose is one of 64 beams, as the camera sees", () => {
    expect(parseManifest('{"seed": 1, "train": 2, "val": 3, "field": "full"}')).toEqual({
      ...{ seed: 1, train: 2, val: 3, field: "full" },
      ...{ labels: "camera", beams: [64], panes: "clear" },
    });
  });

  test("a dataset of no frames is one", async () => {
    expect(await writeSimulatedDataset(join(root, "empty"), { train: 0, val: 0 })).toEqual({ written: 0, kept: 0 });
    expect(readFileSync(join(root, "empty/ImageSets/trainval.txt"), "utf8")).toBe("");
  });
});
