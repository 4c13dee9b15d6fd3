import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const fileOf = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const ELOSS = fileOf("apps/train/dist/cli.js");
const SIM = fileOf("packages/kitti-sim/dist/cli.js");

/** Pastes objects and changes scans, so that an index is made and random numbers matter. */
const AUGMENTATION = `augmentation:
  sampling: [{ class: Car, count: 6, minPoints: 5 }]
  scene: { mirror: 0.5, rotation: 0.5, scaling: [0.9, 1.1], translation: 0.1 }
`;

const streets = (root) => [
  SIM,
  root,
  "--train",
  "4",
  "--val",
  "2",
  "--field",
  "camera",
  "--seed",
  "3",
  "--workers",
  "2",
];
const training = (base, { run, cache }) => [
  ...[ELOSS, "train", "--data", join(base, "data"), "--config", join(base, "tiny.yaml"), "--entropy-loss"],
  ...["--validate-every", "1", "--out", run, "--cache", cache],
];

/** What every scenario starts from, made once: `data`, `tiny.yaml` and a finished run. @returns the commands that make it */
export function fixture(base) {
  mkdirSync(base, { recursive: true });
  const tiny = readFileSync(fileOf("apps/train/test/fixtures/tiny.yaml"), "utf8");
  writeFileSync(join(base, "tiny.yaml"), tiny + AUGMENTATION);
  return [
    streets(join(base, "data")),
    [ELOSS, "prepare", join(base, "data"), "--workers", "1"],
    training(base, { run: join(base, "run"), cache: join(base, "index") }),
  ];
}

/**
 * The commands that are disturbed. Of each: the arguments of node, in a folder `work` of its own; `commands` whose writes are
 * harmed, itself first; `removable` files that a careless person may delete between two tries without losing what no command
 * could make again; `ignored` files whose contents hold times.
 */
export const scenarios = {
  "kitti-sim": {
    args: ({ work }) => streets(join(work, "data")),
    commands: ["kitti-sim"],
    removable: /^data\/(training|ImageSets)\//,
    ignored: /$^/,
  },
  prepare: {
    args: ({ base, work }) => [ELOSS, "prepare", join(base, "data"), "--cache", join(work, "index"), "--workers", "2"],
    commands: ["prepare"],
    removable: /^index\/(index\.json|objects-.*|parts\/.*)$/,
    ignored: /$^/,
  },
  train: {
    args: ({ base, work, random }) => [
      ...training(base, { run: join(work, "run"), cache: join(work, "index") }),
      ...(random() < 0.5 ? ["--checkpoint-every", "0"] : []),
      ...["--workers", String(Math.floor(2 * random()))],
    ],
    commands: ["train"],
    removable: /^run\/checkpoint\.safetensors$|^index\//,
    ignored: /$^/,
  },
  eval: {
    prepare: ({ base, work }) => cpSync(join(base, "run"), join(work, "run"), { recursive: true }),
    args: ({ base, work }) => [ELOSS, "eval", "--run", join(work, "run"), "--data", join(base, "data")],
    commands: ["eval"],
    removable: /^run\/(predictions\/.*|eval\.json)$/,
    ignored: /$^/,
  },
  experiment: {
    args: ({ base, work }) => [
      ...[ELOSS, "experiment", "noise", "--data", join(base, "data"), "--out", join(work, "out")],
      ...["--size", "mini", "--seeds", "1", "--epochs", "1"],
    ],
    commands: ["experiment", "train"],
    removable: /^out\/(configs\/.*|noise\/.*|runs\/[^/]*\/checkpoint\.safetensors)$/,
    ignored: /\.(log|html)$/,
  },
  demo: {
    args: ({ work }) => [ELOSS, "demo", "--out", join(work, "out"), "--train", "2", "--val", "1", "--epochs", "2"],
    commands: ["demo", "train"],
    removable:
      /^out\/(data\/(training|ImageSets|\.eloss)\/.*|report\.html|configs\/.*|runs\/[^/]*\/(checkpoint.*|eval\.json|predictions\/.*))$/,
    ignored: /\.(log|html)$/,
  },
};
