import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { encode } from "fast-png";
import { encodeScan, parseLabels, readScan, writeCalibration, writeLabels } from "kitti-io";
import { temporaryFolder } from "test-support";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DataReading } from "../src/frames/data-reading.js";
import { doubtLines } from "../src/frames/frame-doubts.js";
import { leftOutOf } from "../src/frames/frame-fault.js";
import { resolveSplit } from "../src/frames/frame-split.js";
import { trainingInput } from "../src/frames/network-input.js";
import { openDataSource } from "../src/frames/open-data-source.js";
import { readVisibleFrame } from "../src/frames/visible-frame.js";
import { openEvaluationFrames } from "../src/inference/evaluate-frames.js";
import { examineFrame } from "../src/prepare/examine-frame.js";
import type { FrameRecord } from "../src/prepare/frame-record.js";
import { openTrainingData } from "../src/prepare/training-data.js";
import { elossProgram } from "../src/program.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { tinyCalibration } from "./scenes/tiny-scene.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

// Kinds of input that went wrong in silence, in this and in other toolboxes: each is used rightly, or said in words.

const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const tinyPath = fileURLToPath(new URL("./fixtures/tiny.yaml", import.meta.url));
const tiny = openRecipe(tinyPath);
const root = temporaryFolder("eloss-bad-inputs");
let data: string;
let ids: string[];
let count = 0;

beforeAll(async () => {
  ids = await writeTinyScenes(join(root, "pristine"), { count: 3, seed: 5 });
});
beforeEach(() => {
  data = join(root, `data-${count++}`);
  cpSync(join(root, "pristine"), data, { recursive: true });
});

const file = (kind: string, id: string, ending: string) => join(data, "training", kind, `${id}.${ending}`);
const examine = async (id: string, reading?: DataReading): Promise<FrameRecord> =>
  (await examineFrame(openDataSource(data, { reading }), id)).record;
const eloss = (...args: string[]) => spawnSync(process.execPath, [cli, ...args], { encoding: "utf8", cwd: root });
/** The tiny recipe for a detector with a camera, as a file. */
function cameraRecipe(): string {
  const camera =
    "camera: { image: { testSize: [64, 32], trainSizes: [[64, 32], [64, 32]], order: bgr, mean: [1, 1, 1], deviation: [1, 1, 1], multiple: 32 }, resnet: { width: 2, outputs: [2, 4], frozenStages: 1 }, fpn: { channels: 4 }, alignment: { kind: project, height: -1 }, fusion: { kind: concat, channels: 4, dropout: 0.2 } }";
  const path = join(data, "camera.yaml");
  writeFileSync(path, readFileSync(tinyPath, "utf8").replace("  anchors:", `  ${camera}\n  anchors:`));
  return path;
}
/** Changes the numbers of a scan. */
async function changeScan(id: string, change: (points: Float32Array) => Float32Array | Uint8Array): Promise<void> {
  const numbers = change(await readScan(file("velodyne", id, "bin")));
  writeFileSync(file("velodyne", id, "bin"), new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
}
/** Every point changed. */
const changed = (points: Float32Array, change: (point: number[]) => number[]): Float32Array =>
  Float32Array.from(
    Array.from({ length: points.length / 4 }, (_, i) => change([...points.subarray(4 * i, 4 * i + 4)])).flat(),
  );

describe("objects that the camera does not see", () => {
  // Everything once more, a quarter turn to the left: labels without a place in the image, as other sensors' have.
  beforeEach(async () => {
    await changeScan(ids[0], (points) =>
      Float32Array.from([...points, ...changed(points, ([x, y, z, i]) => [-y, x, z, i])]),
    );
    const labels = parseLabels(readFileSync(file("label_2", ids[0], "txt"), "utf8"));
    const turned = labels.map((object) => {
      const [x, y, z] = object.location; // right, down, forward
      return {
        ...object,
        bbox: [0, 0, 0, 0] as const,
        location: [-z, y, x] as const,
        rotationY: object.rotationY - Math.PI / 2,
      };
    });
    await writeLabels(file("label_2", ids[0], "txt"), [...labels, ...turned]);
  });

  it("are counted and no positives; `view: full` learns them", async () => {
    const { detector } = tiny;
    const config = { ...detector, pointRange: [-25.6, -12.8, -3, 25.6, 38.4, 1] as const };
    const pristine = await openDataSource(join(root, "pristine")).read(ids[0]);
    const number = pristine.objects!.length;
    expect(await examine(ids[0])).toMatchObject({ objects: { Car: 2 * number } });
    const hidden = (await examine(ids[0])).hidden!;
    expect(hidden).toBeGreaterThan(number / 2);
    const positives = async (reading: DataReading) =>
      trainingInput(await readVisibleFrame(openDataSource(data, { reading }), ids[0], config), config).labels.length;
    expect(await positives({ view: "full" })).toBeGreaterThan(await positives({}));
    expect((await examine(ids[0], { view: "full" })).hidden).toBeUndefined();
  });
});

describe("an image whose size nobody knows", () => {
  const other = { ...tinyCalibration(), p2: Float64Array.of(400, 0, 320, 0, 0, 400, 256, 0, 0, 0, 1, 0) };

  it("is refused, unless the image or the recipe says it", async () => {
    await writeCalibration(file("calib", ids[0], "txt"), other);
    expect((await examine(ids[0])).fault).toMatch(
      /a camera with its axis at \(320, 256\); add the image, or imageSize/,
    );
    expect((await examine(ids[0], { imageSize: [640, 512] })).fault).toBeUndefined();
    mkdirSync(join(data, "training", "image_2"));
    const image = encode({ width: 640, height: 512, data: new Uint8Array(3 * 640 * 512), channels: 3, depth: 8 });
    writeFileSync(file("image_2", ids[0], "png"), image);
    expect((await examine(ids[0])).fault).toBeUndefined();
  });
});

describe("labels", () => {
  it.each(["Labels", "label_3"])("in a folder called %s are missed before anything is trained", async (name) => {
    renameSync(join(data, "training", "label_2"), join(data, "training", name));
    await expect(openTrainingData(openDataSource(data), ids)).rejects.toThrow(
      new RegExp(`expected labels in .*label_2, found .*${name}`),
    );
  });

  it("of sizes that are none, and without any object of the detector's classes, are named", async () => {
    const path = file("label_2", ids[1], "txt");
    const [first, ...rest] = readFileSync(path, "utf8").split("\n");
    const words = first.split(" ");
    writeFileSync(path, [...rest.slice(0, 1), [...words.slice(0, 9), "0", ...words.slice(10)].join(" ")].join("\n"));
    expect((await examine(ids[1])).fault).toMatch(/object 2 \(Car\): expected sizes above 0, got .* x 0 x /);
    for (const id of ids) writeFileSync(file("label_2", id, "txt"), "");
    const { status, stderr } = eloss("train", "--data", data, "--config", tinyPath, "--split", "all", "--out", "none");
    expect(status).toBe(1);
    expect(stderr).toContain("expected objects of Car, found no objects");
    expect(existsSync(join(root, "none"))).toBe(false);
  });

  it("may spell a class as they like, and have other names for it", async () => {
    const path = file("label_2", ids[0], "txt");
    const text = readFileSync(path, "utf8");
    const labelsOf = async (reading: DataReading) =>
      (await readVisibleFrame(openDataSource(data, { reading }), ids[0], tiny.detector)).labels.length;
    const number = await labelsOf({});
    writeFileSync(path, text.replaceAll("Car ", "CAR "));
    expect(await labelsOf({})).toBe(number);
    writeFileSync(path, text.replaceAll("Car ", "Taxi "));
    expect(await labelsOf({})).toBe(0);
    expect(await labelsOf({ classes: { TAXI: "Car" } })).toBe(number);
  });
});

describe("a frame without all of its files", () => {
  beforeEach(() => {
    rmSync(file("calib", ids[0], "txt"));
    rmSync(file("label_2", ids[1], "txt"));
  });

  it("is left out of an evaluation, as of preparing and training", async () => {
    const source = openDataSource(data);
    const frames = await openEvaluationFrames(source, ids, tiny.detector);
    const none = /expected to read the (calibration|labels), got no such file/;
    expect(await leftOutOf(ids[0], async (id) => void (await frames.load(id)))).toMatchObject({
      id: ids[0],
      fault: expect.stringMatching(none),
    });
    expect(await leftOutOf(ids[1], async (id) => void (await frames.load(id)))).toMatchObject({
      fault: expect.stringMatching(none),
    });
    expect((await frames.load(ids[2])).objects.length).toBeGreaterThan(0);
    expect((await openTrainingData(source, ids)).frames).toEqual([ids[2]]);
    // That none is there is said before anything is computed.
    await expect(openEvaluationFrames(source, ids.slice(0, 2), tiny.detector)).rejects.toThrow(
      `expected this file for frame ${ids[1]} (its labels, as label_2 exists), got no such file`,
    );
  });
});

describe("points that are not finite", () => {
  it("are left out and counted, the frame is used", async () => {
    await changeScan(ids[0], (points) => {
      points[4] = Number.NEGATIVE_INFINITY;
      points[43] = Number.NaN;
      return points;
    });
    const before = (await examine(ids[1])).points;
    const record = await examine(ids[0]);
    expect(record).toMatchObject({ dropped: 2 });
    expect(record.fault).toBeUndefined();
    expect(record.points).toBeGreaterThan(before / 2);
    expect(doubtLines([record, { id: "other", dropped: 3 }])).toEqual([
      "5 points are left out: a number of theirs is not finite",
    ]);
  });
});

describe("data that cannot be what they claim", () => {
  it.each<[string, (points: Float32Array) => Float32Array | Uint8Array, RegExp]>([
    ["a PLY file", () => padded("ply\nformat ascii 1.0\nelement vertex 1\n"), /beginning of a file of the format ply/],
    [
      "a list of numbers",
      () => padded("1.5 2.5 -1.75 0.5\n".repeat(9)),
      /expected float32 numbers, got a text that begins with "1\.5 2\.5/,
    ],
    [
      "a pointer to a file elsewhere",
      () => padded("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2\n".padEnd(130)),
      /got a text that begins with "version https/,
    ],
    [
      "float64",
      (points) => new Uint8Array(Float64Array.from(points, (value) => value + 1e-7).buffer),
      /% beyond 100 km \(up to .*float64 read as float32/,
    ],
    [
      "millimetres since some corner of a map",
      (points) => changed(points, ([x, y, z, i]) => [x + 5e6, y, z, i]),
      /100 % beyond 100 km .*map coordinates/,
    ],
  ])("%s is no scan: the frame is left out", async (_, change, fault) => {
    await changeScan(ids[2], change);
    expect((await examine(ids[2])).fault).toMatch(fault);
  });

  it.each<[string, (points: Float32Array) => Float32Array, RegExp]>([
    [
      "intensity to 65535",
      (points) => changed(points, ([x, y, z, i]) => [x, y, z, 100_000 * i]),
      /intensity goes up to 50000, .*65535/,
    ],
    [
      "a column more",
      (points) =>
        wholeRows(
          Float32Array.from({ length: (5 * points.length) / 4 }, (_, k) =>
            k % 5 < 4 ? points[4 * Math.floor(k / 5) + (k % 5)] : Math.floor(k / 5) % 16,
          ),
        ),
      /repeat after 5, not after 4/,
    ],
    [
      "centimetres",
      (points) => changed(points, ([x, y, z, i]) => [100 * x, 100 * y, 100 * z, i]),
      /coordinates reach x = \d+ m/,
    ],
  ])("%s is doubtful, and said", async (_, change, doubt) => {
    await changeScan(ids[2], change);
    const record = await examine(ids[2]);
    expect(record.fault).toBeUndefined();
    expect(record.doubts).toEqual([expect.stringMatching(doubt)]);
  });

  it("so is a camera on its side, and one that looks at the ground; KITTI's own is not", async () => {
    expect((await examine(ids[0])).doubts).toBeUndefined();
    const turned = { ...tinyCalibration(), veloToCam: Float64Array.of(0, 0, 1, 0, 0, -1, 0, 0, 1, 0, 0, 0) };
    await writeCalibration(file("calib", ids[0], "txt"), turned);
    expect((await examine(ids[0])).doubts).toEqual([expect.stringMatching(/^z of the scan is not up .*\(1, 0, 0\)/)]);
    // Whose whole scans count needs no camera.
    expect((await examine(ids[0], { view: "full" })).doubts).toBeUndefined();
  });

  it("what is said of one kind is said once, with the first frame and their number", () => {
    const of = (id: string, most: number) => ({ id, doubts: [`intensity goes up to ${most}, where 0 to 1 is usual`] });
    const lines = doubtLines([of("a", 254), of("b", 255.5), { id: "c" }, { id: "d", doubts: ["there are no points"] }]);
    expect(lines).toEqual([
      "doubtful, frame a and 1 more: intensity goes up to 254, where 0 to 1 is usual",
      "doubtful, frame d: there are no points",
      expect.stringContaining("columns, intensityMaximum, view"),
    ]);
  });

  it("every command says it", async () => {
    for (const id of ids) await changeScan(id, (points) => changed(points, ([x, y, z, i]) => [x, y, z, 400 * i]));
    const doubt = /doubtful, frame 000000 and 2 more: intensity goes up to 200,/;
    const all = ["--data", data, "--split", "all"];
    const run = join(root, "doubtful-run");
    expect(eloss("prepare", data).stdout).toMatch(doubt);
    expect(JSON.parse(eloss("prepare", data, "--json").stdout).doubts).toHaveLength(3);
    const trained = eloss("train", ...all, "--config", tinyPath, "--epochs", "1", "--out", run);
    expect([trained.status, trained.stderr]).toEqual([0, expect.stringMatching(doubt)]);
    for (const command of ["eval", "infer"]) {
      const { status, stderr, stdout } = eloss(command, "--run", run, ...all, "--json");
      expect([status, stderr]).toEqual([0, expect.stringMatching(doubt)]);
      expect(JSON.parse(stdout).doubts[0]).toMatch(doubt);
    }
    // The recipe may say how it is meant.
    expect((await examine(ids[0], { intensityMaximum: 255 })).doubts).toBeUndefined();
  });
});

describe("names of frames", () => {
  it("are whatever a file may be called; what other programs leave beside them is none", async () => {
    const names = ["2026-11-29 10.15 Straße", "0000000007", "a.b-c"];
    for (const [i, id] of ids.entries())
      for (const [kind, ending] of [
        ["velodyne", "bin"],
        ["calib", "txt"],
        ["label_2", "txt"],
      ])
        renameSync(file(kind, id, ending), file(kind, names[i], ending));
    for (const name of [".DS_Store", `._${names[0]}.bin`, "Thumbs.db", "notes.txt"])
      writeFileSync(join(data, "training", "velodyne", name), "x");
    const source = openDataSource(data);
    expect(source.ids).toEqual([...names].sort());
    await source.require(names);
    expect((await openTrainingData(source, names)).frames).toEqual(names);
  });

  it("that a list has but no scan are told with the list's file and line", () => {
    mkdirSync(join(data, "ImageSets"));
    const path = join(data, "ImageSets", "train.txt");
    writeFileSync(path, `${ids[0]}\r\n\n${ids[1]}\n999999\n888888\n`);
    expect(() => resolveSplit(openDataSource(data), "train")).toThrow(
      `${path}:4: expected frames of ${data}, got "999999" (2 of 4 are not there)`,
    );
    writeFileSync(path, `${ids[0]}\n${ids[1]}\n\n${ids[0]}\n`);
    expect(() => resolveSplit(openDataSource(data), "train")).toThrow(
      `${path}:4: expected each frame once, got ${ids[0]} again after ${path}:1`,
    );
  });
});

describe("a folder that others made", () => {
  it("is not written into: results, index, run", () => {
    const run = join(root, "doubtful-run");
    const labels = join(data, "training", "label_2");
    const before = readFileSync(file("label_2", ids[0], "txt"), "utf8");
    const inferred = eloss("infer", "--run", run, "--data", data, "--out", labels);
    expect([inferred.status, inferred.stderr]).toEqual([
      1,
      expect.stringContaining("expected a new or empty folder, or one that `eloss infer` made, found 000000.txt"),
    ]);
    expect(readFileSync(file("label_2", ids[0], "txt"), "utf8")).toBe(before);

    const cache = join(data, "cache");
    mkdirSync(join(cache, "parts"), { recursive: true });
    writeFileSync(join(cache, "parts", "precious"), "");
    writeFileSync(join(cache, "thesis.tex"), "");
    const prepared = eloss("prepare", data, "--cache", cache);
    expect([prepared.status, prepared.stderr]).toEqual([
      1,
      expect.stringContaining("or one with an index, found thesis.tex"),
    ]);
    expect(readdirSync(join(cache, "parts"))).toEqual(["precious"]);
  });

  it("unless all that is there is what systems leave anywhere", () => {
    const out = join(data, "found");
    mkdirSync(out);
    for (const name of [".DS_Store", "desktop.ini", "._x"]) writeFileSync(join(out, name), "");
    const command = ["infer", "--run", join(root, "doubtful-run"), "--data", data, "--split", ids[0], "--out", out];
    expect(eloss(...command).status).toBe(0);
    // Its own results it writes over.
    expect(eloss(...command).status).toBe(0);
    expect(readdirSync(out)).toContain(`${ids[0]}.txt`);
  });
});

describe("infer", () => {
  it("takes scans of other formats, without calibration where whole scans were learnt", async () => {
    const points = await readScan(file("velodyne", ids[0], "bin"));
    const rows = points.length / 4;
    const header = `VERSION 0.7\nFIELDS x y z intensity\nSIZE 4 4 4 4\nTYPE F F F F\nCOUNT 1 1 1 1\nWIDTH ${rows}\nHEIGHT 1\nPOINTS ${rows}\nDATA binary\n`;
    const scan = join(data, "scan.pcd");
    writeFileSync(scan, Buffer.concat([Buffer.from(header), encodeScan(points)]));
    const run = ["--run", join(root, "doubtful-run"), "--json"];
    const refused = eloss("infer", scan, ...run);
    expect([refused.status, refused.stderr]).toEqual([
      2,
      expect.stringContaining("its recipe says `view: full`, or give --full"),
    ]);
    const whole = eloss("infer", scan, ...run, "--full");
    expect([whole.status, whole.stderr]).toEqual([0, expect.stringContaining(`${rows} points in view`)]);
    const seen = eloss("infer", scan, ...run, "--calib", file("calib", ids[0], "txt"));
    const bin = eloss("infer", file("velodyne", ids[0], "bin"), ...run, "--calib", file("calib", ids[0], "txt"));
    expect(JSON.parse(seen.stdout).objects).toEqual(JSON.parse(bin.stdout).objects);
  });

  it("keeps what it found when it is asked to stop", async () => {
    const out = join(data, "found");
    const args = [
      "infer",
      "--run",
      join(root, "doubtful-run"),
      "--data",
      data,
      "--warm-up",
      "0",
      "--repeat",
      "1000",
      "--out",
      out,
      "--json",
    ];
    const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.resume();
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    const isThere = (id: string) => existsSync(join(out, `${id}.txt`));
    while (!ids.every(isThere) && child.exitCode === null) await setTimeout(50);
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ stopped: true, frames: ids.map((id) => ({ id })) });
    expect(readdirSync(out).sort()).toEqual([...ids.map((id) => `${id}.txt`), "eloss-infer.json"]);
  });
});

describe("the first second of a command", () => {
  it("a grid that does not divide, and an option that does not exist, are told with what would do", () => {
    const config = join(data, "grid.yaml");
    writeFileSync(
      config,
      readFileSync(tinyPath, "utf8").replace("voxelSize: [0.2, 0.2, 0.1]", "voxelSize: [0.3, 0.2, 0.1]"),
    );
    const grid = eloss("train", "--data", data, "--config", config, "--out", "grid-run");
    expect([grid.status, grid.stderr]).toEqual([
      1,
      expect.stringMatching(
        /voxelSize.*expected a size that divides pointRange \(there would be 85\.33 voxels along x\)/,
      ),
    ]);
    writeFileSync(config, readFileSync(tinyPath, "utf8").replace("pointRange: [0,", "pointRange: [1.6,"));
    expect(eloss("train", "--data", data, "--config", config).stderr).toContain(
      "levels of one size (they would have 15 x 16, 16 x 16 cells)",
    );
    const option = eloss("train", "--data", data, "--config", tinyPath, "--epoch", "3");
    expect([option.status, option.stderr]).toEqual([2, expect.stringContaining("(Did you mean --epochs?)")]);
    expect(readdirSync(root).filter((name) => name.startsWith("grid-run"))).toEqual([]);
  });

  it("a training with a camera leaves out frames whose image is missing or cannot be read", async () => {
    mkdirSync(join(data, "training/image_2"), { recursive: true });
    const image = encode({ width: 1242, height: 375, data: new Uint8Array(1242 * 375 * 3), channels: 3, depth: 8 });
    writeFileSync(file("image_2", ids[0], "png"), image);
    writeFileSync(file("image_2", ids[1], "png"), image.subarray(0, image.length / 2)); // its header is whole
    const out = join(data, "run");
    const args = ["train", "--data", data, "--split", "all", "--epochs", "1", "--config", cameraRecipe(), "--out", out];
    const strict = eloss(...args, "--strict");
    expect([strict.status, strict.stderr]).toEqual([
      1,
      expect.stringContaining(`frame ${ids[1]}: ${file("image_2", ids[1], "png")}: `),
    ]);
    const run = eloss(...args);
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining("2 frames are left out, as said above")]);
    expect(run.stderr).toContain(`frame ${ids[2]} is left out: image_2/${ids[2]}.png (or .jpg): expected this image`);
    expect(JSON.parse(readFileSync(join(out, "run.json"), "utf8")).settings.frames).toEqual([ids[0]]);
  });

  it("a training that fails at its start does not block the next one of another recipe", async () => {
    const out = join(data, "run");
    const config = cameraRecipe();
    const args = ["train", "--data", data, "--split", "all", "--epochs", "1", "--out", out];
    const failed = eloss(...args, "--config", config);
    expect([failed.status, failed.stderr]).toEqual([
      1,
      expect.stringMatching(
        /frame without fault, got none \(frame \d+ is left out: .*expected this image for a detector/,
      ),
    ]);
    expect(existsSync(out)).toBe(false);
    expect(eloss(...args, "--config", tinyPath).status).toBe(0);
    const again = eloss(...args, "--config", tinyPath, "--resume");
    expect([again.status, again.stderr]).toEqual([0, expect.stringMatching(/finished: 2 of 2 steps/)]);
  });

  it("every variable of the environment that commands read for people is in the help", () => {
    let help = "";
    elossProgram()
      .configureOutput({ writeOut: (text) => (help += text) })
      .outputHelp();
    const sources = ["../src", "../../../packages/mpi-collectives/src", "../../../packages/simd-kernels/src"];
    const read = sources.flatMap((folder) => {
      const path = fileURLToPath(new URL(folder, import.meta.url));
      const files = readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
      return files.flatMap((name) =>
        [...readFileSync(join(path, name), "utf8").matchAll(/process\.env\.(\w+)\b(?! \?\?=)/g)].map(
          ([, each]) => each,
        ),
      );
    });
    expect(read.length).toBeGreaterThan(5);
    expect([...new Set(read)].filter((each) => !help.includes(each))).toEqual([]);
  });

  it("every option that a message of this program advises exists", () => {
    const program = elossProgram();
    const known = new Set(
      [program, ...program.commands].flatMap(({ options }) =>
        options.flatMap(({ long }) => [long ?? "", (long ?? "").replace("--no-", "--")]),
      ),
    );
    const sources = fileURLToPath(new URL("../src", import.meta.url));
    const advised = readdirSync(sources, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.includes("slurm"))
      .flatMap((name) =>
        [...readFileSync(join(sources, name), "utf8").matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([option]) => option),
      );
    expect(advised.length).toBeGreaterThan(50);
    expect([...new Set(advised)].filter((option) => !known.has(option) && !OTHERS.has(option))).toEqual([]);
  });
});

/** Options of commander, TensorBoard, Slurm, Open MPI and kitti-sim that messages name, too. */
const OTHERS = new Set("--help --logdir --account --cpus-per-task --bind-to --map-by --labels --beams".split(" "));

/** A text as long as some points. */
function padded(text: string): Uint8Array {
  return new TextEncoder().encode(text.padEnd(160));
}

/** Numbers as far as they fill rows of four. */
function wholeRows(values: Float32Array): Float32Array {
  return values.slice(0, 4 * Math.floor(values.length / 4));
}
