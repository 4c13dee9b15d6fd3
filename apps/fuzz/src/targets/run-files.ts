import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  encodeTable,
  openRecipe,
  openRunFolder,
  parseTable,
  readCheckpointModel,
  readEvaluation,
  readIndex,
  readPublicDetector,
  readRunFile,
  readSteps,
  readValidations,
  recipeText,
  shownRun,
  tableOf,
} from "eloss/inputs";
import { encodeEvaluation, evaluateKitti } from "kitti-eval";
import { reportHtml } from "report-page";
import {
  builtinConfigText,
  encodeSafetensors,
  parseDetectorConfig,
  parseSafetensors,
  parseSafetensorsMetadata,
  readStateDict,
  weightShapes,
  weightsToOpenPcdet,
} from "second-detector";
import type { Target } from "../target.js";

const RUN = JSON.stringify({
  settings: { data: "data", split: "train", frames: ["000000"], seed: 0, entropyLoss: true },
  environment: { started: "2026-01-01T00:00:00.000Z", node: "v20.19.0", notes: [] },
});
const STEPS = [1, 2, 3]
  .map((step) =>
    JSON.stringify({
      step,
      epoch: 1,
      losses: { total: 3.5, det: 3.5, cls: 1, box: 2, dir: 0.5, entropy: 0 },
      entropy: { l1: 0.1, l2: 0, blocks: [{ block: 0, entropies: [1.5, 1.25] }] },
      learningRate: 0.001,
      seconds: 0.5,
    }),
  )
  .join("\n");
const { frames, strict, loose } = JSON.parse(encodeEvaluation({ ...evaluateKitti([[]], [[]]) }));
const RESULTS = { frames, strict, loose };
const VALIDATION = JSON.stringify({ step: 3, epoch: 1, split: "val", ...RESULTS });
const EVALUATION = JSON.stringify({ split: "val", ids: ["000001"], step: 3, ...RESULTS, ceiling: RESULTS });

/** A run folder around one faulty file. */
function runAround(path: string) {
  const folder = dirname(path);
  for (const [name, text] of Object.entries({
    "run.json": RUN,
    "metrics.jsonl": `${STEPS}\n`,
    "config.yaml": RECIPE,
  })) {
    if (join(folder, name) !== path) writeFileSync(join(folder, name), text);
  }
  return openRunFolder(folder);
}
const RECIPE = recipeText(openRecipe("second-mini"));

/** The page of a report on the run around a file. */
function report(path: string): string {
  const data = { name: "data", simulated: true, description: "made up" };
  const runs = [shownRun(runAround(path).path, "run")];
  return reportHtml({ title: "report", data, made: "2026-01-01", runs, frames: [] });
}

const TENSORS = encodeSafetensors(
  new Map<string, { shape: number[]; data: Float32Array | Int32Array }>([
    ["a.weight", { shape: [2, 3], data: new Float32Array(6).fill(0.5) }],
    ["b", { shape: [4], data: Int32Array.of(1, 2, 3, 4) }],
  ]),
  { metadata: new Map([["format", "pt"]]) },
);
const CHECKPOINT = encodeSafetensors(
  new Map([
    ["model/a", { shape: [3], data: Float32Array.of(1, 2, 3) }],
    ["optimizer/step", { shape: [1], data: Float32Array.of(4) }],
  ]),
  {
    metadata: new Map([
      ["format", "eloss-checkpoint 1"],
      ["step", "4"],
    ]),
  },
);
const POINTS = Float32Array.of(8, 0, -1, 0.5, 8.5, 0.5, -1, 0.25);
const TABLE = encodeTable(
  tableOf([
    { id: "000000", className: "Car", difficulty: "easy", points: POINTS, box: new Float64Array(7).fill(1.5) },
    { id: "000001", className: "Car", difficulty: undefined, points: POINTS, box: new Float64Array(7).fill(2.5) },
  ]),
  "note",
);
const INDEX = JSON.stringify({
  version: 3,
  frames: [
    {
      id: "000000",
      files: { "velodyne/000000.bin": { bytes: 64, written: 1700000000000.5, sha256: "0".repeat(64) } },
      points: 4,
      objects: { Car: 1 },
    },
    { id: "000001", files: {}, points: 0, objects: {}, fault: "no calibration" },
  ],
  objects: { file: `objects-${"0".repeat(16)}.safetensors`, sha256: "0".repeat(64), count: 1 },
});

/** A narrow detector, and its weights as OpenPCDet has them: all of them one half. */
const NARROW = parseDetectorConfig(
  builtinConfigText("second-mini")
    .replace(/channels: \[16.*?\]/, "channels: [2, 2, 2, 2, 2]")
    .replaceAll(/channels: \[64, \d+\]/g, "channels: [2, 2]"),
);
function publishedWeights(): Uint8Array {
  const { trainable, frozen, running } = weightShapes(NARROW);
  const halves = [...trainable, ...frozen, ...running].map(([name, shape]) => {
    const data = new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(0.5);
    return [name, { shape, data }] as const;
  });
  return encodeSafetensors(weightsToOpenPcdet(new Map(halves), NARROW));
}

/** Files that PyTorch has written, in both formats. */
const DETECTOR = dirname(createRequire(import.meta.url).resolve("second-detector/package.json"));
const PYTORCH = join(DETECTOR, "test/fixtures/pytorch");
const PYTORCH_FILES = ["layouts.pth", "layouts-legacy.pth", "openpcdet-pillars.pth", "mmdet3d-pillars.pth"];

/** Files that this program has written itself, or that somebody has changed since. */
export const runFiles: readonly Target[] = [
  {
    name: "safetensors",
    file: "weights.safetensors",
    seeds: () => [TENSORS, CHECKPOINT],
    read(path) {
      parseSafetensors(readFileSync(path), path);
      return parseSafetensorsMetadata(readFileSync(path), path);
    },
  },
  {
    name: "checkpoint",
    file: "checkpoint.safetensors",
    seeds: () => [CHECKPOINT],
    read: (path) => readCheckpointModel(path),
  },
  {
    name: "objects",
    file: "objects.safetensors",
    seeds: () => [TABLE],
    read: (path) => parseTable(readFileSync(path), path),
  },
  {
    name: "openpcdet",
    file: "published.safetensors",
    seeds: () => [publishedWeights()],
    read: (path) => readPublicDetector(path, NARROW),
  },
  {
    name: "pytorch",
    file: "checkpoint.pth",
    seeds: () => PYTORCH_FILES.map((name) => readFileSync(join(PYTORCH, name))),
    // Every tensor is read, not those of a detector alone.
    read: (path) => [...readStateDict(readFileSync(path), path).tensors.values()].map(({ data }) => data.length),
  },
  { name: "index", file: "index.json", seeds: () => [INDEX], read: (path) => readIndex(dirname(path)) },
  {
    name: "run",
    file: "run.json",
    seeds: () => [RUN],
    read(path) {
      readRunFile(runAround(path));
      return report(path);
    },
  },
  {
    name: "metrics",
    file: "metrics.jsonl",
    seeds: () => [`${STEPS}\n`],
    read(path) {
      readSteps(runAround(path));
      return report(path);
    },
  },
  {
    name: "validation",
    file: "validation.jsonl",
    seeds: () => [`${VALIDATION}\n`],
    read(path) {
      readValidations(runAround(path));
      return report(path);
    },
  },
  {
    name: "evaluation",
    file: "eval.json",
    seeds: () => [EVALUATION],
    read(path) {
      readEvaluation(runAround(path));
      return report(path);
    },
  },
  { name: "run-recipe", file: "config.yaml", seeds: () => [RECIPE], read: report },
];
