import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";

/** Threads that all do the same. */
export interface ThreadPool<Request, Answer> {
  run(request: Request): Promise<Answer>;
  /** ends the threads, whatever they are doing */
  close(): Promise<void>;
}

/** Calls back once a minute, until the function that it returns is called. */
export type Pulse = (call: () => void) => () => void;

/** How threads are kept, where tests want it otherwise. */
export interface ThreadCare {
  /** the code of a thread: a module whose default export takes a request and returns an answer; default: the built one */
  readonly filename?: string;
  readonly pulse?: Pulse;
  /** of the heap of a thread, in MiB; default: that of Node */
  readonly heap?: number;
}

/** What the threads do, and how. */
export interface ThreadPoolOptions<Request> {
  /** built code of a thread, such as `batch-worker.js` */
  readonly code: string;
  readonly threads: number;
  readonly tasksPerThread: number;
  readonly workerData?: unknown;
  readonly env?: NodeJS.ProcessEnv;
  /** what a request is about, for errors: its frames */
  readonly subject: (request: Request) => string;
  /** what to do if a thread fails */
  readonly advice: string;
}

/** Minutes after which a thread that has not answered is given up: far longer than any request takes. */
const PATIENCE = 15;

const everyMinute: Pulse = (call) => {
  const timer = setInterval(call, 60_000);
  return () => clearInterval(timer);
};

/**
 * Starts threads.
 * @returns `run` throws what the thread's code throws; or an Error with subject and advice if the thread has ended, is out of memory
 *   or does not answer for a quarter of an hour
 */
export function startThreads<Request, Answer>(
  { code, threads, tasksPerThread, workerData, env, subject, advice }: ThreadPoolOptions<Request>,
  { filename = builtCode(code), pulse = everyMinute, heap }: ThreadCare = {},
): ThreadPool<Request, Answer> {
  const pool = new Piscina({
    filename,
    workerData,
    ...(env && { env }),
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: tasksPerThread,
    recordTiming: false,
    ...(heap !== undefined && { resourceLimits: { maxOldGenerationSizeMb: heap } }),
  });
  let ended = false;
  pool.on("workerDestroy", () => {
    ended = true;
  });
  pool.on("error", () => {}); // a thread that ends without a task to do: `run` will say so
  const failure = (request: Request, what: string, cause: unknown) =>
    new Error(`${subject(request)}: the thread at work on that ${what}; ${advice}`, { cause });
  return {
    async run(request) {
      const patience = withPatience(pulse);
      try {
        return (await pool.run(request, { signal: patience.signal })) as Answer;
      } catch (cause) {
        const { code: reason, message } = cause as NodeJS.ErrnoException;
        if (patience.signal.aborted) throw failure(request, `has not answered for ${PATIENCE} minutes`, cause);
        if (reason === "ERR_WORKER_OUT_OF_MEMORY") throw failure(request, "is out of memory", cause);
        if (ended) throw failure(request, `has ended (${message})`, cause);
        throw cause;
      } finally {
        patience.end();
      }
    },
    close: () => pool.destroy(),
  };
}

/** A signal after so many pulses. One that comes late, as this process was busy or stopped, counts once. */
function withPatience(pulse: Pulse): { readonly signal: AbortSignal; end(): void } {
  const patience = new AbortController();
  let pulses = 0;
  const end = pulse(() => {
    pulses += 1;
    if (pulses === PATIENCE) patience.abort();
  });
  return { signal: patience.signal, end };
}

/** The built code of a thread: beside this bundle, or in dist/ when this runs from source. */
function builtCode(name: string): string {
  const beside = fileURLToPath(new URL(`./${name}`, import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));
}
