import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "test-support";
import { describe, expect, it, vi } from "vitest";
import { inferCommand } from "../src/commands/infer.js";
import { hashOfWeights } from "../src/inference/find-weights.js";
import { openOutFolder, type ResultOrigin } from "../src/inference/out-folder.js";
import { builtinRecipe } from "../src/recipe/builtin-recipes.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const root = temporaryFolder("eloss-out");
const origin: ResultOrigin = {
  weights: "runs/a",
  split: "val",
  sha256: "aa",
  detector: builtinRecipe("second-mini").detector,
  precision: "float32",
  lift: 0,
  data: "/data/KITTI",
  reading: { view: undefined },
};

describe("openOutFolder", () => {
  it("goes on with results of the same weights and data, of any split, and says which are there", () => {
    const folder = join(root, "same");
    expect(openOutFolder(folder, origin)).toEqual([]);
    writeFileSync(join(folder, "000001.txt"), "");
    expect(openOutFolder(folder, { ...origin, split: "train", weights: "./runs/a" })).toEqual(["000001.txt"]);
  });

  it.each<[Partial<ResultOrigin>, string]>([
    [{ sha256: "bb", weights: "runs/b" }, 'other weights ("runs/a")'],
    [{ detector: builtinRecipe("second-small").detector }, "a detector of another configuration"],
    [{ precision: "bf16" }, 'another precision ("float32")'],
    [{ lift: "road" }, 'another --lift ("0")'],
    [{ data: "/data/own" }, 'other data ("/data/KITTI")'],
    [{ reading: { view: "full" } }, "data that were read otherwise"],
  ])("refuses results of what %j is not, and deletes none", (change, found) => {
    const folder = join(root, `other-${Object.keys(change)[0]}`);
    openOutFolder(folder, origin);
    expect(openOutFolder(folder, { ...origin, ...change })).toEqual([]); // there is no result yet
    openOutFolder(folder, origin);
    writeFileSync(join(folder, "000001.txt"), "found");
    const before = readFileSync(join(folder, "eloss-infer.json"), "utf8");
    expect(() => openOutFolder(folder, { ...origin, ...change })).toThrow(
      `--out ${folder}: expected no results but those of the same weights and data, found those of ${found}; together they would be ` +
        "evaluated as one: choose another folder, or delete that one",
    );
    expect(readFileSync(join(folder, "000001.txt"), "utf8")).toBe("found");
    expect(readFileSync(join(folder, "eloss-infer.json"), "utf8")).toBe(before);
  });

  it("refuses what others made, and shows no control characters of a mark", () => {
    const folder = join(root, "theirs");
    mkdirSync(folder);
    writeFileSync(join(folder, "000001.txt"), "");
    expect(() => openOutFolder(folder, origin)).toThrow("that `eloss infer` made, found 000001.txt");
    writeFileSync(join(folder, "eloss-infer.json"), JSON.stringify({ sha256: "bb", weights: "\u009b2J" }));
    expect(() => openOutFolder(folder, origin)).toThrow('other weights ("\\u009b2J")');
    writeFileSync(join(folder, "eloss-infer.json"), "null");
    expect(openOutFolder(folder, origin)).toEqual(["000001.txt"]);
  });
});

it("weights have a hash of their numbers, whatever their order", () => {
  const [a, b] = [1, 2].map((value) => ({ shape: [1], data: Float32Array.of(value) }));
  const hash = hashOfWeights(new Map(Object.entries({ a, b })));
  expect(hashOfWeights(new Map(Object.entries({ b, a })))).toBe(hash);
  expect(hashOfWeights(new Map(Object.entries({ a: b, b: a })))).not.toBe(hash);
});

describe("eloss infer --out", () => {
  it("keeps results of one detector, and says that there are those of other frames", async () => {
    const [data, out] = [join(root, "data"), join(root, "found")];
    const [first, second] = await writeTinyScenes(data, { count: 2, seed: 0 });
    const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const said = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const infer = (name: string, split: string) =>
      inferCommand().parseAsync(
        ["--pretrained", name, "--data", data, "--split", split, "--out", out, "--warm-up", "0"],
        { from: "user" },
      );
    try {
      await infer("second-small", first);
      told.mockClear();
      await infer("second-small", second);
      expect(told.mock.calls.join("\n")).toContain(
        `${out} has 1 result file of an earlier call ("${first}.txt" first), of frames that --split ${second} does not name`,
      );
      expect(readdirSync(out).sort()).toEqual([`${first}.txt`, `${second}.txt`, "eloss-infer.json"]);
      await expect(infer("second-small-full", second)).rejects.toThrow('found those of other weights ("second-small")');
    } finally {
      told.mockRestore();
      said.mockRestore();
      process.exitCode = undefined;
    }
  });
});
