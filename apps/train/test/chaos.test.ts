import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { itUnless } from "test-support";
import { expect } from "vitest";

const script = fileURLToPath(new URL("../../../scripts/chaos.mjs", import.meta.url));
const noProc = existsSync("/proc/self/stat") ? undefined : "this system has no /proc, which tells a stopped process";

itUnless(
  noProc,
  "whatever ends a command, the same command makes of it what it would have made undisturbed",
  () => {
    const options = ["--rounds", "6", "--seed", "20", "--only", "train,prepare,kitti-sim,eval"];
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...options], { encoding: "utf8" });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
    expect(stdout).toMatch(/^train +2 /m);
  },
  600_000,
);
