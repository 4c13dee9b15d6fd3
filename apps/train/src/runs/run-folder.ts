import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The files of one training run:
 *
 *     RUN/config.yaml               the resolved recipe
 *     RUN/run.json                  what else was asked for, and what it ran on
 *     RUN/metrics.jsonl             one line per training step
 *     RUN/validation.jsonl          one line per evaluation during training, if there were any
 *     RUN/checkpoint.safetensors    everything needed to go on from the last finished epoch or interruption
 *     RUN/predictions/SPLIT/*.txt   detections in KITTI's format
 *     RUN/eval.json                 the latest evaluation
 */
export interface RunFolder {
  readonly path: string;
  readonly config: string;
  readonly settings: string;
  readonly metrics: string;
  readonly validation: string;
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
    checkpoint: join(path, "checkpoint.safetensors"),
    evaluation: join(path, "eval.json"),
    predictions: (split) => join(path, "predictions", split.replace(/[^\w-]+/g, "_")),
  };
}

/**
 * Prepares an empty folder for a new run.
 *
 * @throws Error if the folder already holds something
 */
export function createRunFolder(path: string): RunFolder {
  if (existsSync(path) && readdirSync(path).length > 0) {
    throw new Error(
      `--out ${path}: expected a new or empty folder, found files; choose another, or go on with --resume`,
    );
  }
  mkdirSync(path, { recursive: true });
  return runFolder(path);
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
