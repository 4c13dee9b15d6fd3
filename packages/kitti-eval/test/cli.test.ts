import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expectClose, runMain, temporaryFolder } from "test-support";
import { describe, expect, it } from "vitest";
import { main } from "../src/main.js";

const root = temporaryFolder("kitti-eval");

const fixtures = join(import.meta.dirname, "fixtures", "devkit");
const LABEL = "Car 0.00 0 0.00 100.00 140.00 200.00 200.00 1.50 1.60 4.00 0.00 1.70 20.00 0.00";

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Lays a packed set out as folders. */
function unpack(name: string): { labels: string; results: string; expected: Record<string, Record<string, unknown>> } {
  const set = JSON.parse(readFileSync(join(fixtures, `${name}.json`), "utf8"));
  const [labels, results] = [join(root, name, "label_2"), join(root, name, "results")];
  for (const [id, text] of Object.entries(set.labels)) write(join(labels, `${id}.txt`), text as string);
  for (const [id, text] of Object.entries(set.detections)) write(join(results, `${id}.txt`), text as string);
  return { labels, results, expected: set.expected };
}

const run = (...argv: string[]) => runMain(main, argv);

/** The same JSON within 1e-9. */
function expectJson(actual: unknown, expected: unknown, where = "$"): void {
  if (typeof expected === "number") expectClose(actual as number, expected, { absolute: 1e-9, label: where });
  else if (typeof expected === "object" && expected !== null) {
    expect(Object.keys(actual as object).sort(), where).toEqual(Object.keys(expected).sort());
    for (const [key, value] of Object.entries(expected))
      expectJson((actual as Record<string, unknown>)[key], value, `${where}.${key}`);
  } else expect(actual, where).toBe(expected);
}

describe("kitti-eval --json", () => {
  it.each(readdirSync(fixtures).map((file) => file.replace(".json", "")))("%s", async (name) => {
    const { labels, results, expected } = unpack(name);
    const { status, stdout } = await run(labels, results, "--json");
    expect(status).toBe(0);
    expectJson(JSON.parse(stdout), expected);
  });

  it("shows the classes asked for, and the ceiling", async () => {
    const { labels, results, expected } = unpack("perfect-few");
    const { stdout } = await run("--class", "Cyclist,car", labels, results, "--json", "--ceiling");
    const { frames, strict, loose, ceiling } = JSON.parse(stdout);
    expect(Object.keys(strict)).toEqual(["car", "cyclist"]);
    expectJson(strict.car, expected.strict.car);
    expectJson(ceiling, { frames, strict, loose });
  });
});

describe("kitti-eval --tables", () => {
  // A truck that KITTI's metrics do not know, 20 m ahead and half a metre to the right; one false far away; letters of any case.
  const truck = "Truck 0 0 0 100 140 200 200 3.00 2.50 8.00 0.50 1.70 20.00 0.30";
  const labels = () => {
    write(join(root, "tables", "label_2", "._000000.txt"), "left by another system");
    write(
      join(root, "tables", "label_2", "000000.txt"),
      `${LABEL.replace("Car", "car")}\n${truck}\nDontCare -1 -1 -10 1 1 9 9 -1 -1 -1 -1000 -1000 -1000 -10\n`,
    );
    return join(root, "tables", "label_2");
  };
  const results = () => {
    write(
      join(root, "tables", "out", "000000.txt"),
      `${LABEL} 0.9\n${truck.replace("0.50 1.70", "1.00 1.70")} 0.8\n${truck.replace("20.00", "60.00")} 0.7\n`,
    );
    return join(root, "tables", "out");
  };

  it("adds every labelled class, from the camera's place", async () => {
    const { status, stdout } = await run(labels(), results(), "--tables", "--json");
    expect(status).toBe(0);
    const { tables, frames } = JSON.parse(stdout);
    expect(frames).toBe(1);
    const [car, truckOf] = tables.classes;
    expect([car.name, car.overlap, car.objects, car.recall, car.precision]).toEqual(["car", 0.7, 1, 1, 1]);
    expect([truckOf.name, truckOf.recall, truckOf.precision]).toEqual(["Truck", 1, 0.5]);
    // Half a metre aside; 60 m away is another band than 20 m.
    expect(truckOf.errors.centre).toBeCloseTo(0.5, 12);
    expect(truckOf.byDistance.map(({ objects }: { objects: number }) => objects)).toEqual([0, 1, 0]);
    expect(truckOf.byPoints).toEqual([]);
  });

  it("stands beneath the official table, and not without being asked for", async () => {
    const { stdout } = await run(labels(), results(), "--tables");
    expect(stdout).toMatch(
      /1 frame, AP in percent[\s\S]*1 frame, AP at 40 recalls \(KITTI\), percent[\s\S]*Truck: 1 object; 2 detections/,
    );
    expect((await run(labels(), results())).stdout).not.toContain("Truck");
    expect((await run(labels(), results(), "--tables", "--class", "car")).stdout).not.toContain("Truck: ");
  });

  it("leaves out what has a box in the image alone", async () => {
    const flat = (line: string) => `${line.split(" ").slice(0, 8).join(" ")} -1 -1 -1 -1000 -1000 -1000 -10`;
    const [labelDir, resultDir] = [join(root, "flat", "label_2"), join(root, "flat", "out")];
    write(join(labelDir, "000000.txt"), `${LABEL}\n${flat(LABEL)}\n${flat(truck)}\n`);
    write(join(resultDir, "000000.txt"), `${LABEL} 0.9\n${flat(LABEL)} 0.8\n`);
    const { stdout } = await run(labelDir, resultDir, "--tables", "--json");
    const { classes } = JSON.parse(stdout).tables;
    expect(classes.map(({ name }: { name: string }) => name)).toEqual(["Car"]);
    expect(classes[0]).toMatchObject({ objects: 1, detections: 1, recall: 1, precision: 1 });
  });
});

describe("kitti-eval's table", () => {
  it("labels measure, overlap and level, with the ceiling", async () => {
    const { labels, results } = unpack("perfect-few");
    const { stdout, stderr } = await run(join(labels, ".."), results, "--ceiling", "--class", "car");
    expect(stderr).toBe("");
    const cells = "    5.00 /  5.00   5.00 /  5.00   5.00 /  5.00     9.09 /  9.09   9.09 /  9.09   9.09 /  9.09";
    expect(stdout.split("\n")).toEqual([
      "1 frame, AP in percent / AP of a perfect detector on these frames",
      "",
      "Car                           R40 easy        R40 mod       R40 hard         R11 easy        R11 mod       R11 hard",
      `  2D   strict > 0.70  ${cells}`,
      `  AOS  strict > 0.70  ${cells}`,
      `  BEV  strict > 0.70  ${cells}`,
      `  3D   strict > 0.70  ${cells}`,
      `  BEV  loose  > 0.50  ${cells}`,
      `  3D   loose  > 0.50  ${cells}`,
      "",
    ]);
  });

  it("shows what is not evaluated and what is NaN", async () => {
    const { labels, results } = unpack("no-precision");
    const { stdout } = await run(labels, results);
    expect(stdout).toContain("\nCar ");
    expect(stdout).toMatch(/2D {3}strict > 0\.70 {8}0\.00 {5}0\.00 {5}0\.00 {8}NaN {6}NaN {6}NaN\n/);
    expect(stdout).toMatch(/Pedestrian[^\n]*\n {2}2D {3}strict > 0\.50( +-){6}\n/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(79);
  });
});

describe("kitti-eval refuses", () => {
  const good = () => ({
    labels: dirname(write(join(root, "good", "label_2", "000000.txt"), `${LABEL}\n`)),
    results: dirname(write(join(root, "good", "results", "000000.txt"), `${LABEL} 0.5\n`)),
  });

  it("a missing folder, a file, an empty folder", async () => {
    const { labels, results } = good();
    const missing = join(root, "nowhere");
    expect(await run(missing, results)).toEqual({
      status: 1,
      stdout: "",
      stderr: `kitti-eval: ${missing}: expected a folder of ground truth, but there is no such folder\n`,
    });
    expect((await run(labels, join(results, "000000.txt"))).stderr).toContain(
      "expected a folder of results, got a file",
    );
    const empty = join(root, "empty");
    mkdirSync(empty, { recursive: true });
    expect((await run(labels, empty)).stderr).toBe(
      `kitti-eval: ${empty}: expected results as NNNNNN.txt, but neither it nor its data/ has a .txt file\n`,
    );
    expect((await run(labels, labels)).stderr).toContain("expected a folder of results other than the ground truth");
  });

  it("a result without a label file", async () => {
    const { labels } = good();
    const orphan = write(join(root, "orphan", "data", "000007.txt"), "");
    const { status, stderr } = await run(labels, join(root, "orphan"));
    expect(status).toBe(1);
    expect(stderr).toBe(
      `kitti-eval: ${orphan}: expected a label file of the same name, but there is no ${join(labels, "000007.txt")}\n`,
    );
  });

  it.each([
    ["no score", `${LABEL} 0.5\n\n${LABEL}\n`, /000000\.txt:3: expected 16 columns, got 15/],
    ["a word for a number", `${LABEL.replace("20.00", "far")} 0.5\n`, /000000\.txt:1: column 14 .*got "far"/],
    ["a score that is NaN", `${LABEL} 0.5\n${LABEL} nan\n`, /000000\.txt:2: column 16 .*got "nan"/],
  ])("a result line with %s", async (_, text, message) => {
    const { labels } = good();
    const file = write(join(root, "bad", "000000.txt"), text);
    const { status, stdout, stderr } = await run(labels, dirname(file));
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
  });

  it("wrong use, with status 2", async () => {
    const { labels, results } = good();
    expect((await run(labels)).status).toBe(2);
    const { status, stderr } = await run(labels, results, "--class", "truck");
    expect(status).toBe(2);
    expect(stderr).toContain("Expected car, pedestrian or cyclist, got truck.");
    expect((await run(labels, results, "--jsno")).stderr).toContain("unknown option '--jsno'");
  });
});

describe("kitti-eval tells", () => {
  it("of label files without results, and of class names that KITTI does not know", async () => {
    const labels = join(root, "notes", "label_2");
    write(join(labels, "000000.txt"), `${LABEL}\n`);
    write(join(labels, "000001.txt"), `${LABEL}\n`);
    const results = dirname(
      write(join(root, "notes", "out", "000001.txt"), `${LABEL} 0.5\n${LABEL.replace("Car", "Cra")} 0.4\n`),
    );
    const { status, stdout, stderr } = await run(labels, results);
    expect(status).toBe(0);
    expect(stdout).toContain("1 frame, AP in percent\n");
    expect(stderr).toBe(
      "kitti-eval: note: 1 of 2 label files have results\n" +
        'kitti-eval: note: 1 of the detections are of "Cra", no class of KITTI\n',
    );
  });

  it("how to use it", async () => {
    const { status, stdout } = await run("--help");
    expect(status).toBe(0);
    for (const word of ["label_2/", "16 columns", "null in JSON", "fewer than 40 objects", "R11", "Exit status"])
      expect(stdout).toContain(word);
  });
});

const cli = join(import.meta.dirname, "..", "dist", "cli.js");
describe("the built command", () => {
  it("runs as a program, answers with an exit status, and bears a closed pipe", () => {
    const { labels, results } = unpack("thresholds-2");
    const result = JSON.parse(execFileSync(cli, [labels, results, "--json"], { encoding: "utf8" }));
    expect(result.frames).toBe(1);
    const failed = spawnSync(process.execPath, [cli, labels, join(root, "nowhere")], { encoding: "utf8" });
    expect([failed.status, failed.stdout]).toEqual([1, ""]);
    const piped = spawnSync("sh", ["-c", `"${cli}" "${labels}" "${results}" --json | head -c 10`], {
      encoding: "utf8",
    });
    expect([piped.stdout.length, piped.stderr]).toEqual([10, ""]);
  });
});
