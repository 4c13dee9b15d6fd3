import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { boxOfEachPoint } from "lidar-augment";
import { encodeSafetensors, type SafetensorsInput } from "second-detector";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openDataSource } from "../src/frames/open-data-source.js";
import { examineFrame } from "../src/prepare/examine-frame.js";
import { changeIn } from "../src/prepare/freshness.js";
import { elsewhereNote, indexFolderOf, readIndex } from "../src/prepare/index-file.js";
import { readIndexedObjects } from "../src/prepare/index-folder.js";
import { encodeTable, parseTable, rowsOf, tableOf } from "../src/prepare/object-table.js";
import { prepareData } from "../src/prepare/prepare-data.js";
import { openTrainingData } from "../src/prepare/training-data.js";
import { ownFolder } from "../src/system/folder-owner.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const tiny = fileURLToPath(new URL("./fixtures/tiny.yaml", import.meta.url));
let root: string;
let pristine: string;
let data: string;
let frames: string[];
let count = 0;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "eloss-prepare-"));
  pristine = join(root, "pristine");
  frames = await writeTinyScenes(pristine, { count: 5, seed: 0 });
});
beforeEach(() => {
  data = join(root, `data-${count++}`);
  cpSync(pristine, data, { recursive: true, preserveTimestamps: true });
});
afterAll(() => rmSync(root, { recursive: true }));

const file = (kind: string, id: string, extension: string) => join(data, "training", kind, `${id}.${extension}`);
const prepare = (options: Partial<Parameters<typeof prepareData>[0]> = {}) =>
  prepareData({ data: openDataSource(data), frames, folder: indexFolderOf(data), workers: 0, ...options });

/** Every file of a folder, by name. */
function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString("hex")]),
  );
}

describe("prepareData", () => {
  it("counts what is there and cuts out every object with its points", async () => {
    const { index, examined, kept } = await prepare();
    expect([examined, kept]).toEqual([5, 0]);
    expect(index.frames.map(({ id }) => id)).toEqual(frames);
    for (const { id, points, files, objects } of index.frames) {
      const bytes = readFileSync(file("velodyne", id, "bin"));
      expect(points).toBe(bytes.length / 16);
      expect(files[`velodyne/${id}.bin`].bytes).toBe(bytes.length);
      const lines = readFileSync(file("label_2", id, "txt"), "utf8")
        .trim()
        .split("\n");
      expect(objects.Car).toBe(lines.length);
    }
    const { rows } = readIndexedObjects(indexFolderOf(data))!;
    expect(rows).toHaveLength(index.objects.count);
    expect(rows.length).toBeGreaterThan(20);
    for (const { points, box } of rows) {
      expect(points.length).toBeGreaterThan(0);
      expect([...boxOfEachPoint(points, box)].every((owner) => owner === 0)).toBe(true);
    }
  });

  it("knows classes of any name: the index that it writes can be read", async () => {
    const names = ["Construction_vehicle_with_a_trailer_and_a_crane", "constructor", "toString"];
    const labels = file("label_2", "000001", "txt");
    const [first, ...rest] = readFileSync(labels, "utf8").trim().split("\n");
    const lines = names.map((name) => first.replace("Car", name));
    writeFileSync(labels, [...lines, ...lines, ...rest].join("\n"));
    const { index } = await prepare();
    const expected = { [names[0]]: 2, constructor: 2, toString: 2 };
    expect(index.frames[1].objects).toEqual({ ...expected, Car: rest.length });
    expect(readIndex(indexFolderOf(data))).toEqual(index);
    const { objects } = await openTrainingData(openDataSource(data), frames);
    expect(objects).toMatchObject(expected);
  });

  it("gives the same bytes on threads, and after an interruption, without doing anything twice", async () => {
    await prepare();
    const whole = contents(indexFolderOf(data));
    await prepare({ folder: join(data, "threads"), workers: 2 });
    expect(contents(join(data, "threads"))).toEqual(whole);

    const folder = join(data, "parts");
    const controller = new AbortController();
    const onFrame = ({ done }: { done: number }) => {
      if (done === 2) controller.abort();
    };
    await expect(prepare({ folder, onFrame, signal: controller.signal })).rejects.toThrow("aborted");
    expect(readIndex(folder)).toBeUndefined();
    writeFileSync(join(folder, "parts", "000004.safetensors"), "cut sho"); // as a crash of the machine might leave it
    const { examined, kept } = await prepare({ folder });
    expect([examined, kept]).toEqual([3, 2]);
    expect(contents(folder)).toEqual(whole);
  });

  it("examines a frame again once a file can be read that could not be", async () => {
    const unreadable = async (id: string) => {
      const { record } = await examineFrame(openDataSource(data), id);
      const files = Object.entries(record.files).map(([name, { bytes, written }]) => [name, { bytes, written }]);
      return { ...record, files: Object.fromEntries(files), fault: "permission denied" };
    };
    // Rights can be given without another size or time.
    expect(changeIn(openDataSource(data), await unreadable(frames[1]))).toBe(
      `velodyne/${frames[1]}.bin is another file`,
    );
    for (const kind of ["velodyne", "calib", "label_2"]) {
      const path = file(kind, frames[1], kind === "velodyne" ? "bin" : "txt");
      rmSync(path);
      mkdirSync(path);
    }
    expect(changeIn(openDataSource(data), await unreadable(frames[1]))).toBeUndefined();
  });

  it("reads again only what has changed", async () => {
    await prepare();
    appendFileSync(file("label_2", "000001", "txt"), "\n");
    expect(await prepare()).toMatchObject({ examined: 1, kept: 4 });
    expect(await prepare()).toMatchObject({ examined: 0, kept: 5 });
    expect(await prepare({ frames: frames.slice(0, 2) })).toMatchObject({ examined: 0, kept: 2 });
    expect(readIndex(indexFolderOf(data))!.frames).toHaveLength(5);
  });

  it.each<[string, string, string, (path: string) => void, RegExp]>([
    ["half a point", "velodyne", "bin", (path) => appendFileSync(path, new Uint8Array(7)), /000002\.bin.*16/],
    [
      "NaN alone",
      "velodyne",
      "bin",
      (path) => writeFileSync(path, Buffer.from("0000c07f".repeat(4), "hex")),
      /expected points, got none that is finite/,
    ],
    ["a calibration that is none", "calib", "txt", (path) => writeFileSync(path, "P2: 1 2 3"), /000002\.txt/],
    [
      "a rotation that is none",
      "calib",
      "txt",
      (path) => writeFileSync(path, readFileSync(path, "utf8").replace(/R0_rect: \S+/, "R0_rect: 1.5")),
      /expected a rotation for R0_rect/,
    ],
    ["a label line cut short", "label_2", "txt", (path) => appendFileSync(path, "Car 0 0\n"), /000002\.txt:/],
    ["no calibration", "calib", "txt", (path) => rmSync(path), /000002\.txt/],
    ["no labels where others have them", "label_2", "txt", (path) => rmSync(path), /000002\.txt/],
    ["no points", "velodyne", "bin", (path) => writeFileSync(path, ""), /expected points, got an empty file/],
    [
      "a file that cannot be read",
      "label_2",
      "txt",
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
      /000002\.txt/,
    ],
  ])("names a frame with %s and goes on", async (_, kind, extension, harm, reason) => {
    harm(file(kind, "000002", extension));
    const { index } = await prepare();
    expect(index.frames.filter(({ fault }) => fault).map(({ id }) => id)).toEqual(["000002"]);
    expect(index.frames[2].fault).toMatch(reason);
    expect(readIndexedObjects(indexFolderOf(data))!.rows.some(({ id }) => id === "000002")).toBe(false);
    expect((await openTrainingData(openDataSource(data), frames)).frames).toEqual(
      frames.filter((id) => id !== "000002"),
    );
  });

  it("does not read a file that is too long, not even for its hash", async () => {
    const scan = file("velodyne", "000002", "bin");
    truncateSync(scan, 2 ** 31); // a hole: it takes no room
    const { index } = await prepare();
    expect(index.frames[2].fault).toMatch(/000002\.bin: expected at most 268435456 bytes for a scan, got 2147483648/);
    expect(index.frames[2].files["velodyne/000002.bin"]).toMatchObject({ bytes: 2 ** 31 });
    expect(index.frames[2].files["velodyne/000002.bin"].sha256).toBeUndefined();
  });

  const worker = (name: string) => fileURLToPath(new URL(`./fixtures/${name}.mjs`, import.meta.url));

  it("names the frame whose thread does not answer, or is out of memory", async () => {
    const impatient = (call: () => void) => {
      for (let i = 0; i < 15; i++) setImmediate(call);
      return () => {};
    };
    await expect(
      prepare({ workers: 1, care: { filename: worker("hanging-worker"), pulse: impatient } }),
    ).rejects.toThrow(/^frame 000000: the thread at work on that has not answered .*fewer `--workers`/);
    await expect(prepare({ workers: 1, care: { filename: worker("greedy-worker"), heap: 16 } })).rejects.toThrow(
      /^frame 000000: the thread at work on that is out of memory/,
    );
  });
});

describe("openTrainingData", () => {
  it("examines what is not known, once, and leaves out frames with faults", async () => {
    rmSync(file("calib", "000003", "txt"));
    const first = await openTrainingData(openDataSource(data), frames);
    expect(first.frames).toEqual(frames.filter((id) => id !== "000003"));
    expect(first.leftOut).toEqual([{ id: "000003", fault: expect.stringContaining("000003.txt") }]);
    const made = readFileSync(join(first.indexFolder, "index.json"), "utf8");
    expect(await openTrainingData(openDataSource(data), frames)).toEqual(first);
    expect(readFileSync(join(first.indexFolder, "index.json"), "utf8")).toBe(made);
    await expect(openTrainingData(openDataSource(data), ["000003"])).rejects.toThrow(
      "expected a frame without fault, got none",
    );
  });

  it("refuses an index whose files have changed, and says what to run", async () => {
    await prepare();
    const message = /index\.json: 1 of 5 frames has changed .*first: .*000001.* run `eloss prepare /;
    const scan = readFileSync(file("velodyne", "000001", "bin"));
    writeFileSync(file("velodyne", "000001", "bin"), scan.subarray(16));
    await expect(openTrainingData(openDataSource(data), frames)).rejects.toThrow(message);
    writeFileSync(file("velodyne", "000001", "bin"), scan); // the same contents at another time
    expect((await openTrainingData(openDataSource(data), frames)).frames).toEqual(frames);
    const same = readFileSync(file("label_2", "000001", "txt"), "utf8");
    writeFileSync(file("label_2", "000001", "txt"), same.replace("Car", "Van"));
    await expect(openTrainingData(openDataSource(data), frames)).rejects.toThrow(message);
    rmSync(file("label_2", "000001", "txt"));
    await expect(openTrainingData(openDataSource(data), frames)).rejects.toThrow(/label_2\/000001\.txt is gone/);
  });

  it("names the cache folder in the command to run, where there is one", async () => {
    const cache = join(data, "cache");
    await prepare({ folder: cache });
    appendFileSync(file("label_2", "000001", "txt"), "\n");
    await expect(openTrainingData(openDataSource(data), frames, { cache })).rejects.toThrow(
      `run \`eloss prepare ${data} --cache ${cache}\``,
    );
  });

  it("takes a copied data set for the same, and another one's index for what it is", async () => {
    await prepare();
    const now = new Date();
    for (const id of frames) utimesSync(file("velodyne", id, "bin"), now, now);
    expect((await openTrainingData(openDataSource(data), frames)).frames).toEqual(frames);
    const before = readIndex(indexFolderOf(data))!;
    expect(await prepare()).toMatchObject({ examined: 0, kept: 5 }); // takes over the new times
    const after = readIndex(indexFolderOf(data))!;
    expect(after.frames[0].files["velodyne/000000.bin"].written).not.toBe(
      before.frames[0].files["velodyne/000000.bin"].written,
    );
    expect(after.objects).toEqual(before.objects);
    const other = join(root, `other-${count++}`);
    await writeTinyScenes(other, { count: 5, seed: 1 });
    cpSync(indexFolderOf(data), indexFolderOf(other), { recursive: true });
    await expect(openTrainingData(openDataSource(other), frames)).rejects.toThrow(
      /5 of 5 frames have changed .* or it belongs to other data/,
    );
  });

  it.each([
    [
      "another version",
      (text: string) => text.replace(/"version":\d+/, '"version":99'),
      /expected an index of version \d+, got 99/,
    ],
    ["half a file", (text: string) => text.slice(0, 100), "expected JSON"],
    ["a path that leads elsewhere", (text: string) => text.replace("velodyne/000000.bin", "../../etc/passwd"), "files"],
    ["a negative number", (text: string) => text.replace(/"points":\d+/, '"points":-1'), "points"],
  ])("refuses %s", async (_, change, message) => {
    const { indexFolder } = await openTrainingData(openDataSource(data), frames);
    const path = join(indexFolder, "index.json");
    writeFileSync(path, change(readFileSync(path, "utf8")));
    await expect(openTrainingData(openDataSource(data), frames)).rejects.toThrow(message);
    await expect(openTrainingData(openDataSource(data), frames)).rejects.toThrow("run `eloss prepare` again");
  });

  it("refuses objects that are not the index's", async () => {
    const { index } = await prepare();
    const path = join(indexFolderOf(data), index.objects.file);
    const bytes = readFileSync(path);
    bytes[bytes.length - 5] ^= 1;
    writeFileSync(path, bytes);
    expect(() => readIndexedObjects(indexFolderOf(data))).toThrow("other contents than");
  });

  it("makes an index anew whose objects are gone", async () => {
    const { index } = await prepare();
    const whole = contents(indexFolderOf(data));
    const path = join(indexFolderOf(data), index.objects.file);
    for (const again of [() => prepare(), () => openTrainingData(openDataSource(data), frames)]) {
      rmSync(path);
      expect(readIndexedObjects(indexFolderOf(data))).toBeUndefined();
      await again();
      expect(contents(indexFolderOf(data))).toEqual(whole);
    }
  });

  it("sweeps what a process left that was killed behind the index", async () => {
    await prepare();
    const folder = indexFolderOf(data);
    const whole = contents(folder);
    for (const again of [() => prepare(), () => openTrainingData(openDataSource(data), frames)]) {
      mkdirSync(join(folder, "parts"));
      for (const name of ["objects-0123456789abcdef.safetensors", "index.json.12.tmp"])
        writeFileSync(join(folder, name), "");
      writeFileSync(join(folder, "parts", "000001.safetensors.12.tmp"), "");
      await again();
      expect(contents(folder)).toEqual(whole);
    }
  });
});

describe("two at once", () => {
  it("wait for each other: the second finds nothing left to do", async () => {
    const folder = indexFolderOf(data);
    const waits: string[] = [];
    const both = [0, 1].map(() => prepare({ workers: 1, onWait: (who) => waits.push(who) }));
    expect((await Promise.all(both)).map(({ examined, kept }) => [examined, kept])).toEqual([
      [5, 0],
      [0, 5],
    ]);
    expect(waits).toEqual([expect.stringContaining(`process ${process.pid} on`)]);
    expect(readdirSync(folder).sort()).toEqual(["index.json", expect.stringMatching(/^objects-/)]);
  });

  it("share a whole index without waiting, also where nobody may write", async () => {
    await prepare();
    const { release } = ownFolder(indexFolderOf(data));
    expect(await prepare({ onWait: () => expect.unreachable() })).toMatchObject({ examined: 0, kept: 5 });
    expect((await openTrainingData(openDataSource(data), frames)).frames).toEqual(frames);
    release();
  });
});

it("takes the name of an owner that was killed off a whole index", async () => {
  await prepare();
  const folder = indexFolderOf(data);
  const before = contents(folder);
  for (const again of [() => prepare(), () => openTrainingData(openDataSource(data), frames)]) {
    writeFileSync(join(folder, ".owner.json"), "{}");
    await again();
    expect(contents(folder)).toEqual(before);
  }
});

describe("a table of objects", () => {
  const row = (points: number[], difficulty: "easy" | "none") => ({
    points: Float32Array.from(points),
    box: Float64Array.of(1, 2, 3, 4, 5, 6, 0.5),
    className: "Cyclist",
    difficulty,
    id: "000042",
  });
  const table = tableOf([
    row([1, 2, 3, 0.5], "easy"),
    { ...row([], "none"), className: "Wheeled chair", difficulty: undefined },
    { ...row([4, 5, 6, 0.1, 7, 8, 9, 0.2], "none"), id: "Tuesday/scan 7" },
  ]);

  it("is the same after writing and reading", () => {
    const bytes = encodeTable(table, "note");
    expect(parseTable(bytes, "t")).toEqual(table);
    expect(tableOf(rowsOf(table))).toEqual(table);
    expect(rowsOf(table).map(({ className, difficulty, id }) => [className, difficulty, id])).toEqual([
      ["Cyclist", "easy", "000042"],
      ["Wheeled chair", undefined, "000042"],
      ["Cyclist", "none", "Tuesday/scan 7"],
    ]);
    expect(parseTable(encodeTable(tableOf([]), ""), "t")).toEqual(tableOf([]));
  });

  it.each([
    ["starts that go back", { starts: Int32Array.of(0, 2, 1, 3) }, "object 1 that ends before it begins"],
    ["starts past the points", { starts: Int32Array.of(0, 1, 1, 99) }, "starts that do not fit the points"],
    ["a class that is none", { classes: Int32Array.of(0, 1, 99) }, "a class, difficulty or frame that does not exist"],
    ["a point that is none", { points: new Float32Array(12).fill(Number.NaN) }, "a number that is not finite"],
  ])("refuses %s", (_, change, message) => {
    const bytes = encodeTable({ ...table, ...change }, "");
    expect(() => parseTable(bytes, "objects.safetensors")).toThrow(
      `objects.safetensors: expected a table of objects, got ${message}`,
    );
  });
});

describe("parseTable", () => {
  it("refuses columns of different lengths, and columns that are not there", () => {
    const column = (data: Int32Array | Float64Array, ...shape: number[]) => ({ shape, data });
    const tensors = new Map<string, SafetensorsInput>([
      ["points", { shape: [0, 4], data: new Float32Array(0) }],
      ["starts", column(new Int32Array(2), 2)],
      ["boxes", column(new Float64Array(7), 1, 7)],
      ["classes", column(new Int32Array(1), 1)],
      ["difficulties", column(new Int32Array(1), 1)],
      ["frames", column(new Int32Array(2), 2)],
    ]);
    const metadata = new Map([["names", '{"classes":["Car"],"frames":["000000"]}']]);
    const encode = () => encodeSafetensors(tensors, { metadata });
    expect(() => parseTable(encode(), "t")).toThrow("got columns of different lengths");
    expect(() => parseTable(encodeSafetensors(tensors), "t")).toThrow("got no names of classes and frames");
    tensors.delete("frames");
    expect(() => parseTable(encode(), "t")).toThrow("got no Int32Array frames");
  });
});

describe("eloss prepare", () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [cli, ...args], { encoding: "utf8" });

  it("says what it found; --json too; training takes it from there", () => {
    rmSync(file("calib", "000004", "txt"));
    const { stdout, status } = run("prepare", data, "--workers", "1");
    expect(status).toBe(1);
    expect(stdout).toMatch(/^frame 000004 is left out: .*000004\.txt/);
    expect(stdout).toContain("4 good frames of 5 (5 examined now, 0 known); ");
    const found = JSON.parse(run("prepare", data, "--json").stdout);
    expect(found).toMatchObject({ frames: 5, examined: 0, kept: 5, faults: [{ id: "000004" }] });

    const sampling = `augmentation: { sampling: [{ class: Car, count: 9, minPoints: 5 }] }\n`;
    const config = join(data, "sampled.yaml");
    writeFileSync(config, readFileSync(tiny, "utf8") + sampling);
    const trained = run(
      "train",
      "--data",
      data,
      "--config",
      config,
      "--split",
      "all",
      "--epochs",
      "1",
      "--out",
      join(data, "run"),
    );
    expect(trained.stderr).toContain("frame 000004 is left out: ");
    expect(trained.stderr).toContain("4 frames, 1 epoch,");
    expect(trained.stderr).toContain("1 frame is left out, as said above");
    expect(trained.status).toBe(1);
  });

  it("--help explains itself", () => {
    const { stdout } = run("prepare", "--help");
    for (const word of ["--split", "--cache", "--workers", "--json", "Examples:", "Exit status"])
      expect(stdout).toContain(word);
  });
});

describe("the place of the index", () => {
  it("is told where it is neither beside the data nor where it was asked for", () => {
    expect(elsewhereNote("kitti", join("kitti", ".eloss"))).toBeUndefined();
    expect(elsewhereNote("kitti", "mine", "mine")).toBeUndefined();
    expect(elsewhereNote("kitti", "/home/me/.cache/eloss/12")).toBe(
      `${join("kitti", ".eloss")} cannot be written, so the index is kept in /home/me/.cache/eloss/12 (--cache names another folder)`,
    );
  });
});
