import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { useBackend } from "open-backend";
import { describeUnless, temporaryFolder } from "test-support";
import { beforeAll, expect, it } from "vitest";
import { openRecipe } from "../src/recipe/open-recipe.js";
import { runFolder } from "../src/runs/run-folder.js";
import { readSteps } from "../src/runs/run-records.js";
import { type TrainingJob, trainRun } from "../src/training/train-run.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

/** What TensorBoard's own reader has of a run's event file, as JSON. */
const READER = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={kind: 0 for kind in ("scalars", "tensors", "images", "histograms")})
events.Reload()
tags = events.Tags()
print(json.dumps({
    "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
    "histograms": {tag: [[e.step, e.histogram_value.num, e.histogram_value.sum] for e in events.Histograms(tag)] for tag in tags["histograms"]},
    "images": {tag: [[e.step, e.width, e.height] for e in events.Images(tag)] for tag in tags["images"]},
    "recipe": events.Tensors("recipe")[0].tensor_proto.string_val[0].decode(),
}))
`;
const missing =
  spawnSync("python3", ["-c", "import tensorboard"]).status === 0 ? undefined : "no python3 with tensorboard";

describeUnless(missing, "a run's event file", () => {
  const root = temporaryFolder("tensorboard");
  const tiny = openRecipe(new URL("./fixtures/tiny.yaml", import.meta.url).pathname);
  /** Takes every candidate for a box: after so few steps there would be none otherwise. */
  const detector = { ...tiny.detector, predict: { ...tiny.detector.predict, scoreThreshold: 0 } };
  const recipe = { ...tiny, detector, training: { ...tiny.training, epochs: 2, batchSize: 1 } };
  let job: Omit<TrainingJob, "folder">;
  beforeAll(async () => {
    const data = join(root, "data");
    const [first, ...frames] = await writeTinyScenes(data, { count: 4, seed: 0 });
    const settings = { data, split: "train", frames, seed: 0, entropyLoss: true };
    const validation = { every: 1, split: "val", frames: [first] };
    job = { recipe, settings, backend: {}, workers: 0, validation, tensorboard: true, stop: { requested: false } };
    await useBackend("simd");
  });
  const read = (name: string) =>
    JSON.parse(
      execFileSync("python3", ["-c", READER, runFolder(join(root, name)).events], { encoding: "utf8", stdio: "pipe" }),
    );

  it("has the numbers of metrics.jsonl, an epoch's entropies as one histogram a layer, and a picture at each evaluation", async () => {
    const run = runFolder(join(root, "whole"));
    await trainRun({ ...job, folder: run.path });
    const found = read("whole");
    const steps = readSteps(run);
    const of = (value: (step: (typeof steps)[number]) => number) => steps.map((s) => [s.step, Math.fround(value(s))]);
    expect(found.scalars["loss/total"]).toEqual(of(({ losses }) => losses.total));
    expect(found.scalars["entropy/L1"]).toEqual(of(({ entropy }) => entropy!.l1));
    expect(found.scalars["entropy of block 0/layer 1"]).toEqual(of(({ entropy }) => entropy!.blocks[0].entropies[1]));
    expect(found.scalars["optimiser/learning rate"]).toHaveLength(6);
    const sums = [0, 3].map((from) =>
      steps.slice(from, from + 3).reduce((sum, { entropy }) => sum + entropy!.blocks[0].entropies[1], 0),
    );
    expect(found.histograms["entropy of block 0/layer 1 of an epoch"]).toEqual([
      [3, 3, sums[0]],
      [6, 3, sums[1]],
    ]);
    const [pictures] = Object.values<number[][]>(found.images);
    expect(pictures.map(([step]) => step)).toEqual([3, 6]);
    expect(found.scalars["AP strict car 3d moderate"].map(([step]: number[]) => step)).toEqual([3, 6]);
    expect(found.recipe).toBe(`\`\`\`yaml\n${readFileSync(run.config, "utf8")}\`\`\``);
  });

  it("goes on after an interruption as if there had been none", async () => {
    const run = runFolder(join(root, "stopped"));
    const lines = () => (existsSync(run.metrics) ? readFileSync(run.metrics, "utf8").split("\n").length - 1 : 0);
    const stop = {
      get requested() {
        return lines() >= 2;
      },
    };
    expect(await trainRun({ ...job, folder: run.path, stop })).toMatchObject({ step: 2, interrupted: true });
    await trainRun({ ...job, folder: run.path });
    const {
      scalars: { "speed/frames per second": a, "speed/share of waiting for data": b, ...scalars },
      ...found
    } = read("stopped");
    const {
      scalars: { "speed/frames per second": c, "speed/share of waiting for data": d, ...expected },
      ...rest
    } = read("whole");
    expect(scalars).toEqual(expected);
    expect(found).toEqual(rest);
    expect([a.length, b.length]).toEqual([c.length, d.length]);
  });
});
