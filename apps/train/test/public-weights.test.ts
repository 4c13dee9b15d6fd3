import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useBackend } from "open-backend";
import {
  builtinConfig,
  createWeights,
  encodeSafetensors,
  type SafetensorsInput,
  weightsToArrays,
  weightsToOpenPcdet,
} from "second-detector";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importCommand } from "../src/commands/import.js";
import { openTrainedDetector } from "../src/inference/open-detector.js";
import { readImageWeights, readOpenPcdetWeights } from "../src/inference/read-public-weights.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { openRunFolder } from "../src/runs/run-folder.js";
import { randomStream } from "../src/system/random.js";
import { readCheckpointModel } from "../src/training/checkpoint.js";

const cli = new URL("../dist/cli.js", import.meta.url).pathname;
const tiny = new URL("./fixtures/tiny.yaml", import.meta.url).pathname;
const { detector: config } = openRecipe(tiny);

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "eloss-public-"));
  await useBackend("simd");
});
afterAll(() => rmSync(root, { recursive: true }));

/** A file with OpenPCDet's names and the counters that PyTorch keeps. */
async function writeTheirs(name: string) {
  const ours = await weightsToArrays(createWeights(config, randomStream(5, "weights")));
  const theirs: Map<string, SafetensorsInput> = weightsToOpenPcdet(ours, config);
  theirs.set("global_step", { shape: [1], data: BigInt64Array.of(9n) });
  theirs.set("backbone_2d.blocks.0.2.num_batches_tracked", { shape: [], data: BigInt64Array.of(9n) });
  const path = join(root, name);
  writeFileSync(path, encodeSafetensors(theirs));
  return { path, ours };
}

describe("eloss import", () => {
  it("makes a run whose weights are those of the file", async () => {
    const { path, ours } = await writeTheirs("published.safetensors");
    const out = join(root, "run");
    await importCommand().parseAsync(["--weights", path, "--config", tiny, "--out", out], { from: "user" });
    const run = openRunFolder(out);
    const { model, step } = readCheckpointModel(run.checkpoint);
    expect(step).toBe(0);
    expect(model.size).toBe(ours.size);
    for (const [name, { data }] of ours) expect(model.get(name)!.data, name).toEqual(data);
    openTrainedDetector(run).detector.network.dispose();
  });

  it("--json says what was made", async () => {
    const { path, ours } = await writeTheirs("told.safetensors");
    const out = join(root, "told");
    const args = [cli, "import", "--weights", path, "--config", tiny, "--out", out, "--json"];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(JSON.parse(stdout), stderr).toEqual({ run: out, detector: "tiny", tensors: ours.size });
  });

  it("names the file that is wrong, and makes no folder", async () => {
    const { path } = await writeTheirs("other.safetensors");
    expect(() => readOpenPcdetWeights(path, builtinConfig("second-kitti"))).toThrow(
      /other\.safetensors: .*expected shape \[16, 3, 3, 3, 4\] or \[3, 3, 3, 4, 16\] for backbone_3d\.conv_input\.0\.weight, got \[4, 3, 3, 3, 4\]/,
    );
    expect(() => readOpenPcdetWeights(join(root, "none"), config)).toThrow(
      /none: expected to read weights, got no such file/,
    );
    expect(() => readImageWeights(path, builtinConfig("second-resnet"))).toThrow(
      /other\.safetensors: .*missing conv1\.weight, bn1\.weight/,
    );
  });
});
