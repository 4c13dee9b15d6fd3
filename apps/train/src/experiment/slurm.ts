import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";

// The few commands of Slurm that are used, each as one function.

const execute = promisify(execFile);

/** An element of a job array, or a job, that has not ended. */
export interface SlurmTask {
  /** number of the job or, for an element, of its array */
  readonly job: string;
  /** such as PENDING, RUNNING */
  readonly state: string;
}

/**
 * Submits a shell script. @returns the job's number
 * @throws Error with what sbatch says, or that there is none
 */
export function submitJob(script: string, options: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("sbatch", ["--parsable", ...options], { stdio: ["pipe", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.once("error", (cause) => reject(noSlurm("sbatch", cause)));
    child.once("close", (status) => {
      if (status === 0) resolve(stdout.trim().split(";")[0]);
      else reject(new Error(`sbatch: ${stderr.trim() || `ended with status ${status}`}`));
    });
    child.stdin.on("error", () => {}); // an sbatch that ended early says why
    child.stdin.end(script);
  });
}

/** One's own tasks of some jobs that have not ended. @throws Error with what squeue says */
export async function tasksOf(jobs: readonly string[]): Promise<SlurmTask[]> {
  const stdout = await run("squeue", ["--me", "--noheader", "--array", "--format=%F %T"]);
  const tasks = stdout.split("\n").filter(Boolean);
  return tasks
    .map((line) => line.trim().split(" "))
    .flatMap(([job, state]) => (jobs.includes(job) ? [{ job, state }] : []));
}

/**
 * Asks jobs to end: what waits is taken off the queue, what runs gets a signal, and leaves a checkpoint. Whether they have ended
 * is for {@link tasksOf} to say: scancel's own status also counts what had ended before.
 */
export async function cancelJobs(jobs: readonly string[]): Promise<void> {
  await cancelWaiting(jobs);
  await run("scancel", ["--quiet", "--state=RUNNING", "--full", "--signal=TERM", ...jobs]).catch(ignoreStatus);
}

/** Takes those of jobs that wait off the queue. */
export async function cancelWaiting(jobs: readonly string[]): Promise<void> {
  await run("scancel", ["--quiet", "--state=PENDING", ...jobs]).catch(ignoreStatus);
}

function ignoreStatus(error: Error): void {
  if (typeof (error.cause as NodeJS.ErrnoException).code !== "number") throw error;
}

/** Puts a task of one's own back into the queue; ends the process that runs it. */
export async function requeueTask(task: string): Promise<void> {
  await run("scontrol", ["requeue", task]);
}

async function run(command: string, args: readonly string[]): Promise<string> {
  try {
    return (await execute(command, args)).stdout;
  } catch (cause) {
    const { code, stderr, message } = cause as NodeJS.ErrnoException & { stderr?: string };
    if (code === "ENOENT") throw noSlurm(command, cause);
    throw new Error(`${command}: ${stderr?.trim() || message}`, { cause });
  }
}

function noSlurm(command: string, cause: unknown): Error {
  return new Error(`--slurm: expected Slurm's ${command} on the path, found none; --print serves other queues`, {
    cause,
  });
}
