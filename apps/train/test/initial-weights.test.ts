import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useBackend } from "open-backend";
import { createWeights, type DetectorConfig, disposeWeights, weightsToArrays } from "second-detector";
import { pretrainedUrl } from "second-weights";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { trainCommand } from "../src/commands/train.js";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { recipeText } from "../src/recipe/parse-recipe.js";
import { readRunFile } from "../src/runs/run-file.js";
import { openRunFolder } from "../src/runs/run-folder.js";
import { randomStream } from "../src/system/random.js";
import { readCheckpointModel } from "../src/training/checkpoint.js";
import { initialWeights, readTrainedWeights, type TrainedWeights } from "../src/training/initial-weights.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const tiny = new URL("./fixtures/tiny.yaml", import.meta.url).pathname;
const { detector: oneClass } = openRecipe(tiny);
const [car] = oneClass.classes;
const classes = (...names: string[]): DetectorConfig => ({
  ...oneClass,
  classes: names.map((name) => ({ ...car, name })),
});

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "eloss-initial-"));
  await useBackend("simd");
});
afterAll(() => rmSync(root, { recursive: true }));

async function fresh(config: DetectorConfig, seed: number) {
  const weights = createWeights(config, randomStream(seed, "weights"));
  const arrays = await weightsToArrays(weights);
  disposeWeights(weights);
  return arrays;
}

async function trained(config: DetectorConfig): Promise<TrainedWeights> {
  return { path: "runs/old", sha256: "", config, model: await fresh(config, 7) };
}

describe("weights to begin with", () => {
  it("takes every tensor of the same detector", async () => {
    const from = await trained(oneClass);
    const { weights, taken, leftOut } = await initialWeights(from, oneClass, 0);
    expect({ taken, leftOut }).toEqual({ taken: from.model.size, leftOut: [] });
    expect(weights).toEqual(from.model);
  });

  it("takes the channels of the classes that both know, by name, and says what begins random", async () => {
    const from = await trained(classes("Pedestrian", "Car"));
    const config = classes("Car", "Van");
    const { weights, taken, leftOut } = await initialWeights(from, config, 3);
    const random = await fresh(config, 3);
    expect(taken).toBe(random.size - 6);
    expect(leftOut).toHaveLength(6);
    expect(leftOut[0]).toBe(
      "head.cls.weight: the 2 classes of runs/old (Pedestrian, Car) do not fit the 2 here, taken for Car, begins random for Van",
    );
    const parts = [weights, from.model, random].map((each) => (name: string) => [...each.get(name)!.data]);
    const [own, theirs, drawn] = parts;
    // Channels of a box: class, rotation, seven numbers; here Car comes first, there second.
    const [box, theirBox, drawnBox] = [own, theirs, drawn].map((of) => of("head.box.weight"));
    for (let row = 0; row < box.length; row += 28) {
      expect(box.slice(row, row + 14)).toEqual(theirBox.slice(row + 14, row + 28));
      expect(box.slice(row + 14, row + 28)).toEqual(drawnBox.slice(row + 14, row + 28));
    }
    // Scores: class of the anchor, rotation, class.
    const [cls, theirCls, drawnCls] = [own, theirs, drawn].map((of) => of("head.cls.weight"));
    expect(cls.slice(0, 8)).toEqual([theirCls[5], drawnCls[1], theirCls[7], ...drawnCls.slice(3, 8)]);
  });

  it("knows a class in other letters", async () => {
    const from = await trained(classes("Pedestrian", "Car"));
    const same = await initialWeights(from, classes("PEDESTRIAN", "car"), 3);
    expect({ taken: same.taken, leftOut: same.leftOut }).toEqual({ taken: from.model.size, leftOut: [] });
    const { weights, leftOut } = await initialWeights(from, classes("CAR", "Van"), 3);
    expect(leftOut[0]).toMatch(/taken for CAR, begins random for Van$/);
    const named = await initialWeights(from, classes("Car", "Van"), 3);
    expect(weights).toEqual(named.weights);
  });

  it("begins anew with directions that are split elsewhere", async () => {
    const config = { ...oneClass, loss: { ...oneClass.loss, directionOffset: 0.5 } };
    const { weights, leftOut } = await initialWeights(await trained(oneClass), config, 3);
    expect(leftOut).toHaveLength(2);
    expect(leftOut[0]).toMatch(
      /^head\.dir\.weight: directions are split at 0\.\d+ in runs\/old and at 0\.5000 here, begins random$/,
    );
    expect(weights.get("head.dir.weight")).toEqual((await fresh(config, 3)).get("head.dir.weight"));
  });

  it("names what else does not fit, with shapes", async () => {
    const from = await trained(oneClass);
    const [first, ...others] = oneClass.backbone.channels;
    const wide = { ...oneClass, backbone: { ...oneClass.backbone, channels: [first + 1, ...others] } };
    await expect(initialWeights(from, wide, 0)).rejects.toThrow(
      /^runs\/old: weights do not fit the recipe's detector: backbone\.block0\.0\.weight: expected shape \[3, 3, \d+, \d+\], got \[3, 3, \d+, \d+\]; /,
    );
    const less = new Map(from.model);
    less.delete("neck.0.bn.var");
    await expect(initialWeights({ ...from, model: less }, oneClass, 0)).rejects.toThrow(
      /neck\.0\.bn\.var \[\d+\] is missing$/,
    );
  });

  it("reads a file of second-weights", () => {
    const { config, model, sha256 } = readTrainedWeights(pretrainedUrl("second-small").pathname);
    expect(config.name).toBe("second-small");
    expect(model.has("head.cls.weight")).toBe(true);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(readTrainedWeights("second-small")).toEqual({ path: "second-small", sha256, config, model });
    expect(() => readTrainedWeights(join(root, "none"))).toThrow(
      /none: expected to read weights to begin with, got no such/,
    );
  });
});

describe("eloss train --init-weights", () => {
  it("begins with a run, is another run with other weights, and says how to train a finished run longer", async () => {
    const data = join(root, "data");
    await writeTinyScenes(data, { count: 2, seed: 0 });
    const config = join(root, "tiny.yaml");
    writeFileSync(config, recipeText(openRecipe(tiny)));
    const said = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const train = async (out: string, ...more: string[]) => {
      said.mockClear();
      told.mockClear();
      const args = ["--data", data, "--split", "all", "--config", config, "--epochs", "1", "--workers", "0"];
      await trainCommand().parseAsync([...args, "--out", join(root, out), ...more], { from: "user" });
      return [said, told].map(({ mock }) => mock.calls.map(([text]) => text).join(""));
    };
    try {
      await train("first");
      const first = join(root, "first");
      const [, again] = await train("first");
      expect(again).toMatch(/finished: (\d+) of \1 steps; train longer with --init-weights .*first and another --out/);
      const [, progress] = await train("second", "--init-weights", first, "--json");
      const { size } = readCheckpointModel(openRunFolder(first).checkpoint).model;
      expect(progress).toContain(`begins with ${size} of ${size} tensors of ${first}\n`);
      const { settings } = readRunFile(openRunFolder(join(root, "second")));
      expect(settings.initialWeights).toEqual({ path: first, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
      // The same weights under another name go on; others are another run.
      const moved = join(root, "moved");
      renameSync(first, moved);
      const [same] = await train("second", "--init-weights", moved, "--json");
      expect(JSON.parse(same)).toMatchObject({ interrupted: false, initialTensors: size });
      await expect(train("second", "--init-weights", join(root, "second"))).rejects.toThrow(
        /initialWeights is "[0-9a-f]+.*there and/,
      );
      await expect(train("second")).rejects.toThrow(/initialWeights is "[0-9a-f]+.* there and left out here/);
    } finally {
      said.mockRestore();
      told.mockRestore();
      process.exitCode = 0;
    }
  });
});
