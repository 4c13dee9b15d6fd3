import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  appendLine,
  createRunFolder,
  openRunFolder,
  readSettings,
  requireSameSettings,
  truncateLines,
  writeSettings,
} from "../src/runs/run-folder.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "eloss-run-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const settings = {
  data: "kitti",
  split: "train",
  frames: ["000000"],
  seed: 0,
  epochs: 3,
  batchSize: 2,
  entropyLoss: true,
  augmentation: false,
};

describe("run folder", () => {
  it("keeps its settings", () => {
    const run = createRunFolder(join(root, "a"));
    writeSettings(run, settings, {});
    expect(readSettings(run)).toEqual(settings);
  });

  it("does not write over another run", () => {
    writeFileSync(join(root, "something"), "");
    expect(() => createRunFolder(root)).toThrow(/expected a new or empty folder/);
  });

  it("says what is missing in a folder that is no run", () => {
    expect(() => openRunFolder(root)).toThrow(/config\.yaml is missing/);
  });

  it("goes on only with the same settings, wherever the data lies", () => {
    const run = createRunFolder(join(root, "a"));
    writeSettings(run, settings, {});
    requireSameSettings(run, { ...settings, data: "moved" });
    expect(() => requireSameSettings(run, { ...settings, seed: 1 })).toThrow(/seed = 0, now it is 1/);
  });

  it("drops the lines after a step, and a line cut short", () => {
    const run = createRunFolder(join(root, "a"));
    for (const step of [1, 2, 3]) appendLine(run.metrics, { step });
    writeFileSync(run.metrics, `${readFileSync(run.metrics, "utf8")}{"step":`);
    truncateLines(run.metrics, 2);
    expect(readFileSync(run.metrics, "utf8")).toBe('{"step":1}\n{"step":2}\n');
  });
});
