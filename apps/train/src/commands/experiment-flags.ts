import type { BackendName, Precision } from "open-backend";
import type { ExperimentSize } from "../experiment/arms.js";
import type { ExperimentScale } from "../experiment/experiment.js";
import { experimentNamed } from "../experiment/experiments.js";
import { shellWord } from "./shell-word.js";

/** What the command line of `eloss experiment` says. */
export interface ExperimentFlags {
  readonly data?: string;
  readonly out: string;
  readonly merge: readonly string[];
  readonly run: readonly string[];
  readonly otherData?: string;
  readonly size?: ExperimentSize;
  readonly seeds?: number;
  readonly trainFrames?: number;
  readonly valFrames?: number;
  readonly epochs?: number;
  readonly ema?: number;
  readonly backend: BackendName;
  readonly precision?: Precision;
  readonly parallel: number;
  readonly budget?: number;
  readonly retry: boolean;
  readonly print: boolean;
  readonly slurm: boolean;
  readonly cancel: boolean;
  readonly partition?: string;
  readonly time?: string;
  readonly cpus?: number;
  readonly atOnce?: number;
  readonly sbatch: readonly string[];
  readonly json: boolean;
}

/** The options that name an experiment and its runs. */
export function optionsOf(flags: ExperimentFlags): string[] {
  const { data, out, merge, size, seeds, trainFrames, valFrames, epochs, ema, backend, precision } = flags;
  const frames = { "train-frames": trainFrames, "val-frames": valFrames };
  const given = { data, out, size, seeds, ...frames, epochs, ema, backend, precision };
  const options = Object.entries(given).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key}`, `${value}`],
  );
  const lists = { merge, run: flags.run, "other-data": flags.otherData === undefined ? [] : [flags.otherData] };
  return [...options, ...Object.entries(lists).flatMap(([key, list]) => list.flatMap((each) => [`--${key}`, each]))];
}

/** The command line that gives these results again. */
export function commandOf(name: string, flags: ExperimentFlags, scale: ExperimentScale): string {
  const { data, out, merge, backend, precision, run, otherData } = flags;
  const { size, seeds, trainFrames, valFrames, epochs, ema } = scale;
  const made = data === undefined ? { "train-frames": trainFrames, "val-frames": valFrames } : {};
  const trained = experimentNamed(name).probes ? {} : { size, seeds };
  const computer = backend === "simd" ? undefined : backend;
  const given = { data, out, ...trained, ...made, epochs, ema, "other-data": otherData, backend: computer, precision };
  const options = Object.entries(given).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key}`, `${value}`],
  );
  const lists = Object.entries({ merge, run }).flatMap(([key, list]) => list.flatMap((each) => [`--${key}`, each]));
  return ["eloss", "experiment", name, ...options, ...lists].map(shellWord).join(" ");
}
