import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { BatchOrigin, LoadBatch } from "./training-batches.js";
import type { TrainingBatch } from "./training-step.js";

/** Threads that prepare batches. */
export interface BatchWorkers {
  readonly load: LoadBatch;
  /** ends the threads, whatever they are doing */
  close(): Promise<void>;
}

/**
 * Starts threads that prepare batches while this one trains. The kernels that they call use one thread each: the others
 * are busy with the training step.
 *
 * @param filename the code of a thread: a module whose default export takes a {@link BatchRequest} and returns a batch
 * @throws Error from `load`: what {@link openBatches} throws, or that the thread has ended
 */
export function startBatchWorkers(origin: BatchOrigin, count: number, filename = workerFile()): BatchWorkers {
  const pool = new Piscina({
    filename,
    workerData: origin,
    env: { ...process.env, SIMD_KERNELS_THREADS: "1" },
    minThreads: count,
    maxThreads: count,
    // A second task waits in the thread itself: this one cannot send it while a step runs.
    concurrentTasksPerWorker: 2,
    recordTiming: false,
  });
  let ended = false;
  pool.on("workerDestroy", () => {
    ended = true;
  });
  pool.on("error", () => {}); // a thread that ends without a task to do: `load` will say so
  return {
    async load(request) {
      try {
        return (await pool.run(request)) as TrainingBatch;
      } catch (cause) {
        if (!ended) throw cause;
        throw new Error(
          `frames ${request.ids.join(", ")}: the thread that prepares them has ended (${(cause as Error).message}); ` +
            "`--workers 0` prepares them in the main thread",
          { cause },
        );
      }
    },
    close: () => pool.destroy(),
  };
}

/** The built code of the thread: beside this bundle, or in dist/ when this runs from source. */
function workerFile(): string {
  const beside = fileURLToPath(new URL("./batch-worker.js", import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL("../../dist/batch-worker.js", import.meta.url));
}
