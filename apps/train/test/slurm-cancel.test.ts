import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { itUnless, temporaryFolder } from "test-support";
import { afterEach, expect, vi } from "vitest";
import { cancelExperiment } from "../src/experiment/slurm-jobs.js";

const root = temporaryFolder("slurm-cancel");
afterEach(() => {
  vi.unstubAllEnvs();
});

itUnless(
  process.platform === "win32" ? "no sh" : undefined,
  "--cancel takes an element off the queue that has put itself back there, as its time was up when it was asked to end",
  async () => {
    const [commands, queue] = [join(root, "commands"), join(root, "queue")];
    mkdirSync(commands);
    const command = (name: string, script: string) =>
      writeFileSync(join(commands, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    command("squeue", `cat ${queue}`);
    // What runs goes back into the queue when it is asked to end; what waits is taken off.
    command(
      "scancel",
      `case "$*" in
        *RUNNING*) sed -i.old s/RUNNING/PENDING/ ${queue} ;;
        *PENDING*) sed -i.old /PENDING/d ${queue} ;;
      esac`,
    );
    vi.stubEnv("PATH", `${commands}:${process.env.PATH}`);
    writeFileSync(join(root, "job.json"), JSON.stringify({ array: "7", table: "8" }));
    writeFileSync(queue, "7 RUNNING\n7 PENDING\n8 PENDING\n");
    expect(await cancelExperiment(root)).toBe(true);
    expect(readFileSync(queue, "utf8")).toBe("");
    expect(await cancelExperiment(root)).toBe(false);
  },
);
