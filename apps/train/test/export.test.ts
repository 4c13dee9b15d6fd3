import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onnxDetector } from "detector-onnx";
import { useBackend } from "open-backend";
import { readPretrained } from "second-weights";
import { temporaryFolder } from "test-support";
import { beforeAll, describe, expect, it } from "vitest";
import { openRecipe } from "../src/recipe/open-recipe.js";
import type { Recipe } from "../src/recipe/recipe-schema.js";
import { startRun } from "../src/runs/run-request.js";
import { newTrainingState, writeCheckpoint } from "../src/training/checkpoint.js";

const cli = new URL("../dist/cli.js", import.meta.url).pathname;
const tiny = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
const root = temporaryFolder("eloss-export");

function elossExport(...args: string[]) {
  return spawnSync(process.execPath, [cli, "export", ...args], { encoding: "utf8", cwd: root });
}

/** A run folder with untrained weights of `tiny`, whatever its recipe says. */
async function makeRun(name: string, recipe: Recipe): Promise<void> {
  const settings = { data: "", split: "", frames: [], seed: 0, entropyLoss: false };
  await writeCheckpoint(startRun(join(root, name), { settings, recipe }, {}).checkpoint, newTrainingState(tiny, 3));
}

beforeAll(async () => {
  await useBackend("simd");
  await makeRun("run", tiny);
  await makeRun("camera", { ...tiny, detector: openRecipe("second-resnet").detector });
  await makeRun("narrow", { ...tiny, detector: openRecipe("second-mini").detector });
  writeFileSync(join(root, "taken.onnx"), "mine");
});

describe("eloss export", () => {
  it("writes published weights as the library makes them, and nothing beside", () => {
    mkdirSync(join(root, "out"));
    const file = join("out", "pointpillars.onnx");
    const { stdout, stderr, status } = elossExport("--pretrained", "pointpillars-small", "--onnx", file, "--json");
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const { weights, config, card } = readPretrained("pointpillars-small");
    const notes = { description: card.description, licence: "Apache-2.0" };
    const { bytes, inputs, outputs } = onnxDetector(weights, config, notes);
    expect(readdirSync(join(root, "out"))).toEqual(["pointpillars.onnx"]);
    expect(readFileSync(join(root, file)).equals(bytes)).toBe(true);
    expect(JSON.parse(stdout)).toEqual({
      file,
      detector: "pointpillars-small",
      part: "whole",
      opset: 17,
      bytes: bytes.length,
      inputs,
      outputs,
    });
  });

  it("says which part of a run's detector it has written, and what goes in and out", () => {
    const { stdout, status } = elossExport("--run", "run", "--onnx", "tiny.onnx");
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^tiny\.onnx: tiny from the bird's-eye-view map on, without its encoder; 0\.\d MB, opset 17$/m,
    );
    expect(stdout).toContain("in   bev_map           float32 [batch, 16, 16, 16]");
    expect(stdout).toContain("out  box_codes         float32 [batch, 16, 16, 14]");
  });

  it.each([
    [["--onnx", "new.onnx"], 2, "export: expected --run <dir> or --pretrained <name>"],
    [["--run", "nowhere", "--onnx", "new.onnx"], 1, "nowhere: expected a run folder made by `eloss train`"],
    [["--run", "run", "--onnx", "taken.onnx"], 1, "--onnx taken.onnx: expected a new file, found one there"],
    [
      ["--run", "run", "--onnx", "no/new.onnx"],
      1,
      "--onnx no/new.onnx: expected a folder no to write into, found none",
    ],
    [["--run", "run", "--onnx", "taken.onnx/new.onnx"], 1, "expected a folder taken.onnx to write into, found none"],
    [["--run", "camera", "--onnx", "new.onnx"], 1, "expected a detector without a camera, got second-resnet"],
    [["--run", "narrow", "--onnx", "new.onnx"], 1, "narrow: foldBatchNorm: weights do not fit the configuration"],
    [["--run", "run", "--weights", "average", "--onnx", "new.onnx"], 1, "expected an average of the weights, got none"],
    [["--run", "run", "--pretrained", "second-small", "--onnx", "new.onnx"], 2, "cannot be used with option"],
    [
      ["--pretrained", "second-huge", "--onnx", "new.onnx"],
      2,
      "Allowed choices are second-small, second-small-full, pointpillars-small, pointnet-small",
    ],
    [["--run", "run"], 2, "required option '--onnx <file>' not specified"],
  ])("%j ends with status %i and a sentence, and writes nothing", (args, wanted, message) => {
    const { stdout, stderr, status } = elossExport(...args);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
    expect(stdout).toBe("");
    expect(status).toBe(wanted);
    expect(existsSync(join(root, "new.onnx"))).toBe(false);
    expect(readFileSync(join(root, "taken.onnx"), "utf8")).toBe("mine");
  });
});
