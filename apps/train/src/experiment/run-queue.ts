import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { lastStep } from "../runs/run-lines.js";
import { readLastValidation } from "../runs/run-records.js";
import { stepsOf } from "../runs/run-request.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { folderFree, folderOwner } from "../system/folder-owner.js";
import { formatDuration, type Progress, startProgress } from "../system/progress.js";
import { type ExperimentSetup, type PlannedRun, runState, taskOf } from "./planned-run.js";
import type { RunTask } from "./run-task.js";

/** How to work through a list of runs. */
export interface QueueOptions {
  readonly setup: ExperimentSetup;
  /** runs at a time; the processors are shared among them */
  readonly parallel: number;
  /** no run is started later than so many milliseconds after the beginning */
  readonly budget: number;
  readonly signal: AbortSignal;
}

/** How often progress is looked up, in milliseconds. */
const PULSE = 2000;
/** Lines of a failed run's log that are kept as its reason. */
const REASON_LINES = 5;

/**
 * Makes runs, several at a time, each by `eloss train` in a process of its own. A run that fails is noted down with the end
 * of what it printed, and the others go on. A run that another process is training, such as one that a killed experiment had
 * started, comes last, and is waited for. When `signal` asks to stop, the runs finish their step and write a checkpoint.
 * @returns how many runs were ended from outside or had no room on the disk: the same command goes on with them
 */
export async function makeRuns(runs: readonly PlannedRun[], options: QueueOptions): Promise<number> {
  const { parallel, budget } = options;
  const started = performance.now();
  const total = runs.reduce((sum, { request }) => sum + stepsOf(request), 0);
  const finished = () => runs.reduce((sum, { folder }) => sum + lastStep(folder.metrics), 0);
  let told = finished();
  const progress = startProgress("train", total, told);
  const active = new Set<PlannedRun>();
  const found = new Map<PlannedRun, string>();
  const tellFound = (run: PlannedRun) => {
    const now = describeLastEvaluation(run);
    if (now === undefined || now === found.get(run)) return;
    found.set(run, now);
    progress.mention(now);
  };
  const tell = () => {
    active.forEach(tellFound);
    const running = [...active].map(({ folder }) => basename(folder.path));
    for (const now = finished(); told < now; told++) progress.advance(running.join(", "));
  };
  const broken = new AbortController(); // an error of this process: the runs that go on stop, too
  const breakOff = (error: unknown) => broken.abort(error);
  const pulse = setInterval(() => {
    try {
      tell();
    } catch (error) {
      breakOff(error);
    }
  }, PULSE);
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const inOrder = [...runs].sort((a, b) => Number(isTaken(a)) - Number(isTaken(b))).values();
  let interrupted = 0;
  const work = async () => {
    for (const run of inOrder) {
      if (signal.aborted || performance.now() - started > budget) return;
      active.add(run);
      const end = await makeRun(run, { ...options, signal, progress });
      tellFound(run);
      active.delete(run);
      if (end === "interrupted") interrupted += 1;
    }
  };
  await Promise.all(Array.from({ length: parallel }, () => work().catch(breakOff)));
  clearInterval(pulse);
  progress.stop();
  if (broken.signal.aborted) throw broken.signal.reason;
  process.stderr.write(`runs took ${formatDuration(performance.now() - started)}\n`);
  return interrupted;
}

/**
 * What the last evaluation during a run found: `second-small-seed0 after epoch 4: 3D AP car 20.7, pedestrian 42.3`.
 * @returns undefined if there is none, or it found nothing
 */
export function describeLastEvaluation({ folder }: PlannedRun): string | undefined {
  const { epoch, strict = {} } = readLastValidation(folder) ?? {};
  const found = Object.entries(strict).flatMap(([name, { "3d": levels }]) =>
    levels ? [`${name} ${levels.moderate.r40.toFixed(1)}`] : [],
  );
  return found.length === 0 ? undefined : `${basename(folder.path)} after epoch ${epoch}: 3D AP ${found.join(", ")}`;
}

const isTaken = ({ folder }: PlannedRun) => folderOwner(folder.path) !== undefined;

async function makeRun(
  run: PlannedRun,
  { setup, parallel, signal, progress }: QueueOptions & { readonly progress: Progress },
): Promise<RunEnd["kind"]> {
  const threads = Math.max(1, Math.floor(availableParallelism() / parallel));
  const isDone = () => runState(run).kind === "finished";
  const mention = (what: string) => progress.mention(what);
  return makeTask(taskOf(run, setup), { threads, signal, mention, isDone });
}

/** How to make a run. */
export interface TaskOptions {
  /** of the kernels, unless the environment says another number */
  readonly threads: number;
  /** asks to stop after the step at hand */
  readonly signal: AbortSignal;
  /** told what people should know */
  readonly mention: (what: string) => void;
  /** whether the run is finished; default: what `eloss train` says of it */
  readonly isDone?: () => boolean;
}

/**
 * Makes a run in a process of its own, once nobody else is at work in its folder; how it failed, if it did, is noted down.
 * @returns how it ended
 */
export async function makeTask(task: RunTask, options: TaskOptions): Promise<RunEnd["kind"]> {
  const { signal, mention, isDone = () => false } = options;
  const { folder } = task;
  try {
    await folderFree(folder, { signal, onWait: (who) => mention(`waiting for ${folder}: ${who}`) });
  } catch (error) {
    if (signal.aborted) return "interrupted";
    throw error;
  }
  if (isDone()) return "finished";
  const end = await trainInProcess(task, options);
  if (end.kind === "failed" && isDone()) {
    // Such as one that left out a frame whose data are at fault.
    mention(`${folder} is finished; ${task.log} ends with: ${end.reason.split("\n").at(-1)}`);
    return "finished";
  }
  if (end.kind === "failed") writeFileAtomic(task.failure, `${JSON.stringify({ reason: end.reason }, null, 2)}\n`);
  if (end.kind !== "finished" && !signal.aborted) mention(`${folder} ${end.kind}: ${end.reason}`);
  return end.kind;
}

/** How the process of a run has ended. `interrupted` is nothing against the run. */
type RunEnd =
  | { readonly kind: "finished" }
  | { readonly kind: "interrupted"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

function trainInProcess(run: RunTask, { threads, signal }: TaskOptions): Promise<RunEnd> {
  mkdirSync(dirname(run.log), { recursive: true });
  rmSync(run.failure, { force: true });
  const cli = fileURLToPath(new URL("cli.js", import.meta.url)); // seen from dist/cli.js
  const env = { ...process.env, SIMD_KERNELS_THREADS: process.env.SIMD_KERNELS_THREADS ?? String(threads) };
  const log = openSync(run.log, "w");
  return new Promise((resolve) => {
    // Its own process group: Ctrl-C reaches the runs once, through the signal below.
    const args = [cli, ...run.args];
    // The channel closes when this process ends, however it ends: then the run stops too.
    const stdio: StdioOptions = ["ignore", log, log, "ipc"];
    const child = spawn(process.execPath, args, { env, stdio, detached: true, windowsHide: true });
    const stop = () => askToStop(child);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    const end = (how: RunEnd) => {
      signal.removeEventListener("abort", stop);
      closeSync(log);
      resolve(how);
    };
    child.once("error", ({ message }) => end({ kind: "interrupted", reason: message }));
    child.once("exit", (code, killed) => end(code === 0 ? { kind: "finished" } : endOf(run, killed ?? code)));
  });
}

/** Windows has no signals: there a child that is sent one is ended at once, but one whose channel closes stops as if it were asked. */
function askToStop(child: ChildProcess) {
  if (process.platform !== "win32") child.kill("SIGINT");
  else if (child.connected) child.disconnect();
}

/** Signals by which people and systems end a process; others are of a process that went wrong. */
const FROM_OUTSIDE: readonly unknown[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] satisfies NodeJS.Signals[];
/** Exit status of a command that was asked to stop. */
const STOPPED = 130;

/** @param by exit status other than 0, or signal */
function endOf(run: RunTask, by: number | NodeJS.Signals | null): RunEnd {
  const reason = lastLines(run.log) || `ended by ${by}`;
  if (by === STOPPED || FROM_OUTSIDE.includes(by)) return { kind: "interrupted", reason: `ended by ${by}` };
  return { kind: folderOwner(run.folder) !== undefined || NO_ROOM.test(reason) ? "interrupted" : "failed", reason };
}

/** The disk, not the run. */
const NO_ROOM = /\b(ENOSPC|EDQUOT)\b/;

function lastLines(path: string): string {
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-REASON_LINES).join("\n");
}
