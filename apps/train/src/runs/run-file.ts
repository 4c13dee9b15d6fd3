import { version_core } from "@tensorflow/tfjs-core";
import { checkAs, parseJson } from "checked-text";
import type { BackendReport } from "open-backend";
import { z } from "zod";
import { writeFileAtomic } from "../system/atomic-write.js";
import { FILE_USES, readText } from "../system/read-file.js";
import type { RunFolder } from "./run-folder.js";

const count = z.int().min(0);

/** `run.json`: what a run was asked for beside its recipe, what it ran on and what ended it early. */
const runFile = z.strictObject({
  settings: z.strictObject({
    /** KITTI root; empty for imported weights */
    data: z.string(),
    /** what the frames are called */
    split: z.string(),
    frames: z.array(z.string()),
    seed: count,
    /** trained on the Entropy Loss; else its entropies are measured alone */
    entropyLoss: z.boolean(),
    /** file of the weights that a camera's ResNet began with; absent: random numbers */
    imageWeights: z.string().optional(),
    /** run folder or file of the detector that it began with, and what its weights were; absent: random numbers */
    initialWeights: z.strictObject({ path: z.string(), sha256: z.string() }).optional(),
  }),
  /** Of the first start; for people. */
  environment: z.looseObject({
    started: z.string().optional(),
    node: z.string().optional(),
    tensorflowjs: z.string().optional(),
    platform: z.string().optional(),
    /** the backend, in words */
    description: z.string().optional(),
    /** what the products of layers rounded their operands to, whatever was asked for */
    precision: z.string().optional(),
    notes: z.array(z.string()).default([]),
  }),
  /** Why the work on it ended before the last step, after the steps of the checkpoint; absent while it goes on. */
  ended: z.strictObject({ time: z.string(), step: count, reason: z.string() }).optional(),
});

export type RunFile = Readonly<z.infer<typeof runFile>>;
/** What a run is asked for beside its recipe. */
export type RunSettings = DeepReadonly<RunFile["settings"]>;

type DeepReadonly<T> = { readonly [K in keyof T]: DeepReadonly<T[K]> };

/** @param backend what it runs on, as `startBackend` reports it */
export function writeRunFile(run: RunFolder, settings: RunSettings, backend: Partial<BackendReport>): void {
  const environment = {
    started: new Date().toISOString(),
    node: process.version,
    tensorflowjs: version_core,
    platform: `${process.platform}-${process.arch}`,
    ...backend,
  };
  writeJson(run, { settings, environment });
}

/** Notes down what ended the work on a run before its last step; `undefined`: that it goes on. */
export function writeEnd(run: RunFolder, ended: Omit<NonNullable<RunFile["ended"]>, "time"> | undefined): void {
  const { ended: before, ...file } = readRunFile(run);
  if (ended === undefined && before === undefined) return;
  writeJson(run, { ...file, ...(ended && { ended: { time: new Date().toISOString(), ...ended } }) });
}

function writeJson(run: RunFolder, file: object): void {
  writeFileAtomic(run.settings, `${JSON.stringify(file, null, 2)}\n`);
}

/** @throws Error naming the file and each faulty key */
export function readRunFile(run: RunFolder): RunFile {
  return checkAs(parseJson(readText(run.settings, FILE_USES.settings), run.settings), runFile, run.settings);
}
