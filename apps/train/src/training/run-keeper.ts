import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { writeEnd } from "../runs/run-file.js";
import type { RunFolder } from "../runs/run-folder.js";
import { appendLine, truncateLines } from "../runs/run-lines.js";
import { flushFile, isDiskFull } from "../system/atomic-write.js";
import type { FolderOwnership } from "../system/folder-owner.js";
import { readCheckpoint, type TrainingState, writeCheckpoint } from "./checkpoint.js";

// Lines are written step by step, checkpoints now and then. Whatever ends the process between two writes, the lines reach at
// least as far as the checkpoint; a run that goes on from it drops the lines beyond it and writes them again, the same.

/** What a run keeps on the disk while it trains. */
export interface RunKeeper {
  /** adds the line of a step that has been taken to `metrics.jsonl` */
  log(line: { readonly step: number } & Readonly<Record<string, unknown>>): void;
  /** whether what was learnt since the last checkpoint is as old as it may become */
  isDue(): boolean;
  /** writes a checkpoint, if there is anything to keep */
  save(): Promise<void>;
  /** the same when an error ends the run: while the disk is full it waits for room, some minutes. Throws nothing */
  rescue(onWait: (what: string) => void): Promise<void>;
  /** notes down why the run ends before its last step */
  noteEnd(reason: string): void;
  /** the same of an error. Throws nothing: the error is told anyway */
  noteError(error: unknown): void;
}

/** When checkpoints are due. */
export interface CheckpointPace {
  /** milliseconds; 0: after every step */
  readonly every: number;
  readonly clock: Clock;
}

/** Time as a run sees it, in milliseconds. */
export interface Clock {
  now(): number;
  pause(milliseconds: number): Promise<unknown>;
}

export const systemClock: Clock = { now: () => performance.now(), pause: (milliseconds) => delay(milliseconds) };

/** Between two looks whether the disk has room again, and how long it is waited for. */
const LOOK = 1000;
const PATIENCE = 10 * 60_000;

/**
 * Puts a run's checkpoint, if there is one, into `state`, and drops the lines of steps after it.
 * @param state at step 0
 */
export function openKeeper(
  run: RunFolder,
  state: TrainingState,
  { ownership, every, clock }: CheckpointPace & { readonly ownership: FolderOwnership },
): RunKeeper {
  if (existsSync(run.checkpoint)) readCheckpoint(run.checkpoint, state);
  truncateLines(run.metrics, state.step);
  truncateLines(run.validation, state.step);
  writeEnd(run, undefined);
  let kept = { step: state.step, time: clock.now() };
  /** of a step that the disk had no room for */
  let unwritten: Parameters<RunKeeper["log"]>[0] | undefined;

  const log: RunKeeper["log"] = (line) => {
    unwritten = line;
    ownership.check();
    appendLine(run.metrics, line);
    unwritten = undefined;
  };
  const save = async () => {
    if (state.step === kept.step) return;
    if (unwritten !== undefined) log(unwritten);
    ownership.check();
    flushFile(run.metrics);
    flushFile(run.validation);
    await writeCheckpoint(run.checkpoint, state);
    kept = { step: state.step, time: clock.now() };
  };
  const noteEnd = (reason: string) => {
    ownership.check();
    writeEnd(run, { step: kept.step, reason });
  };
  return {
    log,
    isDue: () => clock.now() - kept.time >= every,
    save,
    async rescue(onWait) {
      const started = clock.now();
      for (let told = false; ; told = true) {
        try {
          return await save();
        } catch (error) {
          if (!isDiskFull(error) || clock.now() - started >= PATIENCE) return;
          if (!told) onWait(`${(error as Error).message}; waiting ${PATIENCE / 60_000} minutes for it`);
        }
        await clock.pause(LOOK);
      }
    },
    noteEnd,
    noteError(error) {
      try {
        noteEnd(error instanceof Error ? error.message : String(error));
      } catch {}
    },
  };
}
