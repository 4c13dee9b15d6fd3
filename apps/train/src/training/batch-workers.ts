import { startThreads, type ThreadCare } from "../system/thread-pool.js";
import type { BatchOrigin, BatchRequest, LoadBatch } from "./training-batches.js";
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
 * @throws Error from `load`: what {@link openBatches} throws; or with the frames, that the thread has ended, is out of memory or
 *   does not answer
 */
export function startBatchWorkers(origin: BatchOrigin, count: number, care?: ThreadCare): BatchWorkers {
  const { run, close } = startThreads<BatchRequest, TrainingBatch>(
    {
      code: "batch-worker.js",
      threads: count,
      // A second task waits in the thread itself: this one cannot send it while a step runs.
      tasksPerThread: 2,
      workerData: origin,
      env: { ...process.env, SIMD_KERNELS_THREADS: "1" },
      subject: ({ ids }) => `frames ${ids.join(", ")}`,
      advice: "`--workers 0` prepares them in the main thread, a smaller `--batch-size` needs less memory",
    },
    care,
  );
  return { load: run, close };
}
