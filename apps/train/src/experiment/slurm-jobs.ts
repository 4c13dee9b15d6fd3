import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { checkAs, parseJson } from "checked-text";
import { z } from "zod";
import { lastStep } from "../runs/run-lines.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { startProgress } from "../system/progress.js";
import { type RunTask, runTaskSchema } from "./run-task.js";
import { cancelJobs, cancelWaiting, submitJob, tasksOf } from "./slurm.js";

// An experiment's runs as a job array, one run an element, and a job that tabulates after them. OUT/NAME/slurm has runs.json (what each
// element makes), job.json (the jobs' numbers) and the output of each.

/** What a job may be given of the cluster; what is left out is the cluster's own default. */
export interface SlurmWishes {
  readonly partition?: string | undefined;
  /** as `sbatch --time` takes it */
  readonly time?: string | undefined;
  /** processors of a run */
  readonly cpus?: number | undefined;
  /** elements at a time */
  readonly atOnce?: number | undefined;
  /** further options of sbatch, as they are */
  readonly sbatch: readonly string[];
}

/** An experiment on a queue. */
export interface SlurmExperiment {
  readonly name: string;
  /** OUT/NAME/slurm */
  readonly folder: string;
  readonly tasks: readonly RunTask[];
  /** steps of all runs, for the progress */
  readonly totalSteps: number;
  /** arguments of `eloss` that tabulate and make no run */
  readonly tabulate: readonly string[];
  readonly wishes: SlurmWishes;
}

const jobFile = z.object({ array: z.string(), table: z.string() });
type Jobs = z.infer<typeof jobFile>;

/** Seconds before the end of a job's time in which a run finishes its step and its checkpoint. */
const WARNING = 120;
/** Between two looks at the queue, in milliseconds. */
const LOOK = 3000;

/** Submits the runs and the job that tabulates after them. */
export async function submitRuns({ name, folder, tasks, tabulate, wishes }: SlurmExperiment): Promise<Jobs> {
  mkdirSync(folder, { recursive: true });
  const list = join(folder, "runs.json");
  writeFileAtomic(list, `${JSON.stringify(tasks, null, 2)}\n`);
  const { partition, time, cpus, atOnce, sbatch } = wishes;
  const place = [`--chdir=${process.cwd()}`, ...(partition ? [`--partition=${partition}`] : []), ...sbatch];
  const array = await submitJob(scriptOf(["queued-run", list], ' "$SLURM_ARRAY_TASK_ID"'), [
    `--job-name=eloss-${name}`,
    `--array=0-${tasks.length - 1}${atOnce ? `%${atOnce}` : ""}`,
    `--output=${join(folder, "%a.log")}`,
    "--open-mode=append",
    "--requeue",
    `--signal=B:USR1@${WARNING}`,
    ...(time ? [`--time=${time}`] : []),
    ...(cpus ? [`--cpus-per-task=${cpus}`] : []),
    ...place,
  ]);
  const table = await submitJob(scriptOf(tabulate), [
    `--job-name=eloss-${name}-table`,
    `--dependency=afterany:${array}`,
    `--output=${join(folder, "table.log")}`,
    ...place,
  ]).catch(async (error) => {
    await cancelJobs([array]);
    throw error;
  });
  const jobs = { array, table };
  writeFileAtomic(join(folder, "job.json"), `${JSON.stringify(jobs)}\n`);
  return jobs;
}

/** This program with arguments, as a script. */
function scriptOf(args: readonly string[], rest = ""): string {
  const cli = fileURLToPath(new URL("cli.js", import.meta.url)); // seen from dist/cli.js
  const words = [process.execPath, cli, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  return `#!/bin/sh\nexec ${words.join(" ")}${rest}\n`; // exec: signals reach the program
}

/** The jobs of an experiment that have not all ended, if there are any. */
export async function livingJobs(folder: string): Promise<Jobs | undefined> {
  const path = join(folder, "job.json");
  if (!existsSync(path)) return undefined;
  const jobs = checkAs(parseJson(readFileSync(path, "utf8"), path), jobFile, path);
  return (await tasksOf(Object.values(jobs))).length > 0 ? jobs : undefined;
}

/** What each element of an array makes. @throws Error naming the file */
export function readTasks(path: string): RunTask[] {
  return checkAs(parseJson(readFileSync(path, "utf8"), path), z.array(runTaskSchema), path);
}

/** Shows progress until every job has ended, or `signal` asks to look away: the jobs go on. @returns whether they have ended */
export async function followJobs(jobs: Jobs, experiment: SlurmExperiment, signal: AbortSignal): Promise<boolean> {
  const metrics = experiment.tasks.map(({ folder }) => join(folder, "metrics.jsonl"));
  const finished = () => metrics.reduce((sum, path) => sum + lastStep(path), 0);
  let told = finished();
  const progress = startProgress("experiment", experiment.totalSteps, told);
  try {
    for (;;) {
      const tasks = await tasksOf(Object.values(jobs));
      if (tasks.length === 0) return true;
      const inState = (state: string) => tasks.filter((task) => task.job === jobs.array && task.state === state).length;
      const where = `${inState("RUNNING")} running, ${inState("PENDING")} waiting`;
      for (const now = finished(); told < now; told++) progress.advance(where);
      if (signal.aborted) return false;
      await delay(LOOK, undefined, { signal }).catch(() => {});
    }
  } finally {
    progress.stop();
  }
}

/** Asks every job to end and waits until they have. @returns whether there was one */
export async function cancelExperiment(folder: string): Promise<boolean> {
  const jobs = await livingJobs(folder);
  if (jobs === undefined) return false;
  const numbers = Object.values(jobs);
  await cancelJobs(numbers);
  while ((await tasksOf(numbers)).length > 0) {
    await delay(LOOK);
    await cancelWaiting(numbers); // one whose time was up, too, puts itself back into the queue as it ends
  }
  return true;
}
