import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { lastStep } from "../runs/run-lines.js";
import { stepsOf } from "../runs/run-request.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { formatDuration, startProgress } from "../system/progress.js";
import { type ExperimentSetup, nextArguments, type PlannedRun } from "./planned-run.js";

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
 * of what it printed, and the others go on. When `signal` asks to stop, the runs finish their step and write a checkpoint.
 */
export async function makeRuns(runs: readonly PlannedRun[], options: QueueOptions): Promise<void> {
  const { parallel, budget, signal } = options;
  const started = performance.now();
  const total = runs.reduce((sum, { request }) => sum + stepsOf(request), 0);
  const finished = () => runs.reduce((sum, { folder }) => sum + lastStep(folder.metrics), 0);
  let told = finished();
  const progress = startProgress("experiment", total, told);
  const pulse = setInterval(() => {
    const running = [...active].map(({ folder }) => folder.path.split("/").at(-1));
    for (const now = finished(); told < now; told++) progress.advance(running.join(", "));
  }, PULSE);
  const waiting = [...runs];
  const active = new Set<PlannedRun>();
  const work = async () => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      if (signal.aborted || performance.now() - started > budget) return;
      active.add(run);
      const reason = await trainInProcess(run, options);
      active.delete(run);
      if (reason !== undefined && !signal.aborted) {
        writeFileAtomic(run.failure, `${JSON.stringify({ reason }, null, 2)}\n`);
        progress.mention(`${run.folder.path} failed: ${reason}`);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: parallel }, work));
  } finally {
    clearInterval(pulse);
    progress.stop();
  }
  process.stderr.write(`runs took ${formatDuration(performance.now() - started)}\n`);
}

/** @returns why it failed, if it did */
function trainInProcess(run: PlannedRun, { setup, parallel, signal }: QueueOptions): Promise<string | undefined> {
  mkdirSync(dirname(run.log), { recursive: true });
  rmSync(run.failure, { force: true });
  const cli = fileURLToPath(new URL("cli.js", import.meta.url)); // seen from dist/cli.js
  const threads = Math.max(1, Math.floor(availableParallelism() / parallel));
  const env = { ...process.env, SIMD_KERNELS_THREADS: process.env.SIMD_KERNELS_THREADS ?? String(threads) };
  const log = openSync(run.log, "w");
  return new Promise((resolve) => {
    // Its own process group: Ctrl-C reaches the runs once, through the signal below.
    const args = [cli, ...nextArguments(run, setup)];
    // The channel closes when this process ends, however it ends: then the run stops too.
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", log, log, "ipc"], detached: true });
    const stop = () => child.kill("SIGINT");
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    const end = (reason: string | undefined) => {
      signal.removeEventListener("abort", stop);
      closeSync(log);
      resolve(reason);
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, killed) =>
      end(code === 0 ? undefined : lastLines(run.log) || `ended by ${killed ?? code}`),
    );
  });
}

function lastLines(path: string): string {
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-REASON_LINES).join("\n");
}
