import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { version_core } from "@tensorflow/tfjs-core";
import type { BackendReport } from "open-backend";
import { writeFileAtomic } from "../system/atomic-write.js";

/**
 * The files of one training run:
 *
 *     RUN/config.yaml               the resolved recipe
 *     RUN/run.json                  what was asked for, and what it ran on
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

/** What a run was asked for. A resumed run must ask for the same. */
export interface RunSettings {
  readonly data: string;
  readonly split: string;
  readonly frames: readonly string[];
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly entropyLoss: boolean;
  /** training scans are changed as the recipe's `augmentation` says */
  readonly augmentation: boolean;
  /** file of the weights that a camera's ResNet began with; absent: random numbers */
  readonly imageWeights?: string;
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

/** @param backend what it runs on, as `startBackend` reports it */
export function writeSettings(run: RunFolder, settings: RunSettings, backend: Partial<BackendReport>): void {
  const environment = {
    started: new Date().toISOString(),
    node: process.version,
    tensorflowjs: version_core,
    platform: `${process.platform}-${process.arch}`,
    ...backend,
  };
  writeFileAtomic(run.settings, `${JSON.stringify({ settings, environment }, null, 2)}\n`);
}

export function readSettings(run: RunFolder): RunSettings {
  try {
    return (JSON.parse(readFileSync(run.settings, "utf8")) as { settings: RunSettings }).settings;
  } catch (cause) {
    throw new Error(`${run.settings}: expected the JSON that \`eloss train\` writes: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** @throws Error naming the first setting in which a resumed run differs from the one it goes on from */
export function requireSameSettings(run: RunFolder, asked: RunSettings): void {
  const before = readSettings(run);
  for (const key of Object.keys(asked) as (keyof RunSettings)[]) {
    // The data may have moved; its frames may not have changed.
    if (key === "data") continue;
    if (JSON.stringify(before[key]) !== JSON.stringify(asked[key])) {
      throw new Error(
        `--resume ${run.path}: the run was started with ${key} = ${JSON.stringify(before[key])}, now it is ${JSON.stringify(asked[key])}; give the same options or start a new run`,
      );
    }
  }
}

/** Adds a line to `metrics.jsonl` or `validation.jsonl`. */
export function appendLine(path: string, line: { readonly step: number } & Readonly<Record<string, unknown>>): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}

/** Drops the lines of steps after `step`, which a resumed run will make again. A line cut short by a crash goes too. */
export function truncateLines(path: string, step: number): void {
  if (!existsSync(path)) return;
  const kept = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => {
      try {
        return line !== "" && (JSON.parse(line) as { step: number }).step <= step;
      } catch {
        return false;
      }
    });
  writeFileAtomic(path, kept.map((line) => `${line}\n`).join(""));
}
