import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
import { readImageWeights, readPublicDetector } from "../src/inference/read-public-weights.js";
import { openRecipe, readRecipe } from "../src/recipe/open-recipe.js";
import { recipeText } from "../src/recipe/parse-recipe.js";
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

  it("takes a checkpoint of PyTorch and the directions of its program", async () => {
    const fixtures = new URL("../../../packages/second-detector/test/fixtures/pytorch/", import.meta.url);
    const path = fileURLToPath(new URL("mmdet3d-second.pth", fixtures));
    const recipe = openRecipe("second-mini");
    const narrow = join(root, "narrow.yaml");
    const detector = {
      ...recipe.detector,
      encoder: { kind: "sparse", channels: [2, 3, 3, 4, 4] } as const,
      backbone: { layers: [1, 1], strides: [1, 2], channels: [4, 6] },
      neck: { strides: [1, 2], channels: [3, 4] },
      pointRange: [0, -4, -2, 8, 4, 2] as const,
      voxelSize: [0.25, 0.25, 0.1] as const,
    };
    writeFileSync(narrow, recipeText({ ...recipe, detector }));
    const out = join(root, "mmdet3d");
    await importCommand().parseAsync(["--weights", path, "--config", narrow, "--out", out], { from: "user" });
    expect(readRecipe(openRunFolder(out).config).detector.predict.directionOffset).toBe(-Math.PI / 2);
    openTrainedDetector(openRunFolder(out)).detector.network.dispose();
    const hostile = fileURLToPath(new URL("hostile.pth", fixtures));
    const refused = importCommand().parseAsync(["--weights", hostile, "--config", narrow, "--out", join(root, "no")], {
      from: "user",
    });
    await expect(refused).rejects.toThrow("a call of posix.system: this file wants to run code");
    expect(existsSync(join(root, "no"))).toBe(false);
    expect(existsSync("/tmp/eloss-hostile-file-was-run")).toBe(false);
  });

  it("--json says what was made", async () => {
    const { path, ours } = await writeTheirs("told.safetensors");
    const out = join(root, "told");
    const args = [cli, "import", "--weights", path, "--config", tiny, "--out", out, "--json"];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(JSON.parse(stdout), stderr).toEqual({ run: out, detector: "tiny", source: "openpcdet", tensors: ours.size });
  });

  it("names the file that is wrong, and makes no folder", async () => {
    const { path } = await writeTheirs("other.safetensors");
    expect(() => readPublicDetector(path, builtinConfig("second-kitti"))).toThrow(
      /other\.safetensors: .*expected shape \[16, 3, 3, 3, 4\] or \[3, 3, 3, 4, 16\] for backbone_3d\.conv_input\.0\.weight, got \[4, 3, 3, 3, 4\]/,
    );
    expect(() => readPublicDetector(join(root, "none"), config)).toThrow(
      /none: expected to read weights, got no such file/,
    );
    expect(() => readImageWeights(path, builtinConfig("second-resnet"))).toThrow(
      /other\.safetensors: .*missing conv1\.weight, bn1\.weight/,
    );
  });
});
