import { availableParallelism } from "node:os";
import { Command } from "commander";
import { makeTask } from "../experiment/run-queue.js";
import { requeueTask } from "../experiment/slurm.js";
import { readTasks } from "../experiment/slurm-jobs.js";
import { listenForStop, type StopSignal } from "../system/stop-signal.js";

/** What an element of a job array runs; not for people, so no help names it. */
export function queuedRunCommand(): Command {
  return new Command("queued-run")
    .argument("<runs.json>")
    .argument("<index>")
    .action(async (path: string, index: string) => {
      const stop = listenForStop("stopping the run after its step");
      try {
        process.exitCode = await queuedRun(path, Number(index), stop);
      } finally {
        stop.release();
      }
    });
}

async function queuedRun(path: string, index: number, stop: StopSignal): Promise<number> {
  const task = readTasks(path)[index];
  if (task === undefined) throw new Error(`${path}: expected a run of number ${index}`);
  const { SLURM_CPUS_PER_TASK, SLURM_ARRAY_JOB_ID, SLURM_ARRAY_TASK_ID } = process.env;
  const threads = Number(SLURM_CPUS_PER_TASK) || availableParallelism();
  const mention = (what: string) => process.stderr.write(`${what}\n`);
  const end = await makeTask(task, { threads, signal: stop.signal, mention });
  if (end !== "interrupted") return end === "finished" ? 0 : 1;
  // Its time is up, not its work.
  if (stop.reason === "SIGUSR1") await requeueTask(`${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}`);
  return 130;
}
