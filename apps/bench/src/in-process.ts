import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Measures something in a process of its own, which is sent the job and answers `{ figures }` or `{ error }`.
 * @param worker file of the process, seen from dist/cli.js
 * @param what   is measured, for errors
 */
export function inProcess<Figures>(
  worker: string,
  job: object,
  { threads, what }: { readonly threads: number; readonly what: string },
): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL(worker, import.meta.url)), {
      env: { ...process.env, SIMD_KERNELS_THREADS: String(threads) },
    });
    child.once("message", ({ figures, error }: { figures?: Figures; error?: string }) => {
      if (figures) resolve(figures);
      else reject(new Error(`${what}: ${error}`));
    });
    child.once("exit", (code, signal) => reject(new Error(`${what}: ended with ${signal ?? code}`)));
    child.send(job);
  });
}
