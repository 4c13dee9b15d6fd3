import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Job } from "./fuzz-process.js";
import type { Counts, Finding } from "./fuzz-target.js";

/** What calls of the kernels are called among the targets. */
export const KERNELS = "kernels";

/** A call may take seconds, and the process has to start. Milliseconds. */
const GRACE = 30_000;

/**
 * Calls of every kernel on every layer that loads here, by the fuzzer of `simd-kernels`. A finding is
 * its line of JSON, which has the seed that makes the call again.
 */
export function watchKernels({
  seed,
  milliseconds,
}: Pick<Job, "seed" | "milliseconds">): Promise<Counts & { readonly findings: readonly Finding[] }> {
  const folder = fileURLToPath(new URL("../../../packages/simd-kernels/", import.meta.url));
  const args = ["--import", "tsx", "test/fuzz/run-fuzzer.ts", String(seed), String(milliseconds / 1000)];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    timeout: Math.round(milliseconds) + GRACE,
    killSignal: "SIGKILL",
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr = `${stderr}${text}`.slice(-4000);
  });
  return new Promise((resolve) => {
    child.once("close", (status, signal) => {
      const findings = stdout
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => ({ target: KERNELS, fault: JSON.parse(line).problem, input: new TextEncoder().encode(line) }));
      const [, inputs, refused] = /^(\d+) calls .* (\d+) refused/m.exec(stdout) ?? [];
      if (inputs === undefined) {
        const fault = `the process ended (${signal ?? status})\n${stderr}`;
        findings.push({ target: KERNELS, fault, input: new TextEncoder().encode(`seed ${seed}`) });
      }
      resolve({ inputs: Number(inputs ?? 0), refused: Number(refused ?? 0), findings });
    });
  });
}
