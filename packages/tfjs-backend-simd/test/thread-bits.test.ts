import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { bundleProgram } from "./bundle.js";

async function run(program: string, threads: number): Promise<{ layer: string; threads: number; hash: string }> {
  const env = { ...process.env, SIMD_KERNELS_THREADS: String(threads) };
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
  return JSON.parse(stdout);
}

describe("determinism", () => {
  it("gives the same bits with 1, 2 and 5 threads, forward and backward", async () => {
    const program = await bundleProgram("thread-bits");
    const one = await run(program, 1);
    if (one.layer === "native") expect((await run(program, 2)).threads).toBe(2);
    for (const threads of [2, 5]) expect((await run(program, threads)).hash).toBe(one.hash);
  });
});
