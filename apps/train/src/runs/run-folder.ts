import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hashOf } from "../prepare/hash.js";
import { isTemporary } from "../system/atomic-write.js";
import { isBystander } from "../system/bystander.js";
import { OWNER_FILE } from "../system/folder-owner.js";

/**
 * The files of one training run:
 *
 *     RUN/config.yaml               the resolved recipe
 *     RUN/run.json                  what else was asked for, what it ran on, and why it ended if it did so early
 *     RUN/metrics.jsonl             one line per training step
 *     RUN/validation.jsonl          one line per evaluation during training, if there were any
 *     RUN/events.tfevents           the same for TensorBoard, if it was asked for
 *     RUN/checkpoint.safetensors    everything needed to go on
 *     RUN/predictions/SPLIT/*.txt   detections in KITTI's format
 *     RUN/eval.json                 the latest evaluation
 */
export interface RunFolder {
  readonly path: string;
  readonly config: string;
  readonly settings: string;
  readonly metrics: string;
  readonly validation: string;
  readonly events: string;
  readonly checkpoint: string;
  readonly evaluation: string;
  predictions(split: string): string;
}

export function runFolder(path: string): RunFolder {
  return {
    path,
    config: join(path, "config.yaml"),
    settings: join(path, "run.json"),
    metrics: join(path, "metrics.jsonl"),
    validation: join(path, "validation.jsonl"),
    events: join(path, "events.tfevents"),
    checkpoint: join(path, "checkpoint.safetensors"),
    evaluation: join(path, "eval.json"),
    predictions: (split) => join(path, "predictions", folderNameOf(split)),
  };
}

/** Bytes that the name of a split's folder may have; that of a list of frames would have more than a file system takes. */
const MOST_BYTES = 120;

/** Words of a split with underscores between them, in any script; a long one is cut, and told from others by its hash. */
function folderNameOf(split: string): string {
  const words = split.replace(/[^\p{L}\p{M}\p{N}_-]+/gu, "_");
  if (Buffer.byteLength(words) <= MOST_BYTES) return words;
  return `${words.slice(0, MOST_BYTES / 6)}-${hashOf(Buffer.from(split)).slice(0, 12)}`;
}

/**
 * Prepares an empty folder for a new run. What a process left that ended while it began the same run counts as nothing.
 * @param config text of the new run's `config.yaml`, the first file of a run
 * @throws Error if the folder already holds something
 */
export function createRunFolder(path: string, config?: string): RunFolder {
  mkdirSync(path, { recursive: true });
  const run = runFolder(path);
  const begun = (name: string) => join(path, name) === run.config && readFileSync(run.config, "utf8") === config;
  const isNothing = (name: string) =>
    name.startsWith(OWNER_FILE) || isTemporary(name) || isBystander(name) || begun(name);
  const found = readdirSync(path).find((name) => !isNothing(name));
  if (found !== undefined) {
    throw new Error(
      `--out ${path}: expected a new or empty folder, or one that holds this run, found ${found}; choose another`,
    );
  }
  return run;
}

/** Removes the files of a run that took no step. The settings go first: without them it is no run. */
export function forgetRun({ settings, config, metrics, validation, events, checkpoint }: RunFolder): void {
  for (const file of [settings, config, metrics, validation, events, checkpoint]) rmSync(file, { force: true });
}

/**
 * The folder of an existing run.
 *
 * @throws Error if it is not there or lacks a file, with what is missing
 */
export function openRunFolder(path: string): RunFolder {
  const run = runFolder(path);
  for (const file of [run.config, run.settings]) {
    if (!existsSync(file))
      throw new Error(`${path}: expected a run folder made by \`eloss train\`, but ${file} is missing`);
  }
  return run;
}
