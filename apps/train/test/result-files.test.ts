import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "test-support";
import { describe, expect, it } from "vitest";
import { openResultFolder } from "../src/inference/result-files.js";

const root = temporaryFolder("eloss-results");

describe("openResultFolder", () => {
  it("keeps what an ended call of the same origin left, and puts all in place at the end", () => {
    const folder = join(root, "val");
    mkdirSync(folder);
    writeFileSync(join(folder, "old.txt"), "of an earlier evaluation");
    const first = openResultFolder(folder, { checkpoint: "a", frames: ["1", "2"] });
    expect([first.kept, first.get("1")]).toEqual([0, undefined]);
    first.set("1", "one");

    const again = openResultFolder(folder, { checkpoint: "a", frames: ["1", "2"] });
    expect([again.kept, again.get("1"), again.get("2")]).toEqual([1, "one", undefined]);
    expect(readdirSync(folder)).toEqual(["old.txt"]);
    again.set("2", "two");
    again.finish();
    expect(readdirSync(folder).sort()).toEqual(["1.txt", "2.txt"]);
    expect(readFileSync(join(folder, "2.txt"), "utf8")).toBe("two");
    expect(readdirSync(root)).toEqual(["val"]);
  });

  it("begins anew for another origin, and after the end", () => {
    const folder = join(root, "train");
    openResultFolder(folder, { checkpoint: "a" }).set("1", "one");
    const other = openResultFolder(folder, { checkpoint: "b" });
    expect([other.kept, other.get("1")]).toEqual([0, undefined]);
    other.set("1", "other");
    other.finish();
    expect(openResultFolder(folder, { checkpoint: "b" }).kept).toBe(0);
  });
});
