import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";
import { join } from "node:path";

const has = (command: string) => spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;

/** Why no Slurm of one node can be started here, if so. */
export function slurmMissing(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "starting a Slurm needs root on Linux";
  const lacking = ["slurmctld", "slurmd", "sbatch", "munged"].filter((command) => !has(command));
  return lacking.length === 0 ? undefined : `no ${lacking.join(", ")} (slurm-wlm, munge)`;
}

/** A Slurm of this machine alone, for tests. */
export interface LocalSlurm {
  /** what its commands need */
  readonly env: Readonly<Record<string, string>>;
  stop(): void;
}

/** Starts one on ports of its own, with all that it writes in `folder`. @throws Error with its log if no node comes up */
export function startLocalSlurm(folder: string): LocalSlurm {
  for (const name of ["state", "spool"]) mkdirSync(join(folder, name), { recursive: true });
  const host = hostname().split(".")[0];
  const port = 20_000 + (process.pid % 20_000);
  const path = join(folder, "slurm.conf");
  writeFileSync(
    path,
    `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${port}
SlurmdPort=${port + 1}
AuthType=auth/munge
AuthInfo=cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${join(folder, "state")}
SlurmdSpoolDir=${join(folder, "spool")}
SlurmctldPidFile=${join(folder, "slurmctld.pid")}
SlurmdPidFile=${join(folder, "slurmd.pid")}
SlurmctldLogFile=${join(folder, "slurmctld.log")}
SlurmdLogFile=${join(folder, "slurmd.log")}
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
SchedulerParameters=bf_interval=1,sched_interval=2,default_queue_depth=100
KillWait=10
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${availableParallelism()} State=UNKNOWN
PartitionName=main Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`,
  );
  const env = { SLURM_CONF: path };
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { env: { ...process.env, ...env }, encoding: "utf8", stdio: "pipe" });
  if (spawnSync("sh", ["-c", "munge -n | unmunge"]).status !== 0) run("service", "munge", "start");
  run("slurmctld");
  run("slurmd");
  const stop = () => {
    // What a failed test left in the queue would go on without a controller.
    spawnSync("scancel", ["--user=root"], { env: { ...process.env, ...env } });
    for (let tries = 0; tries < 150; tries += 1) {
      if (spawnSync("squeue", ["--noheader"], { env: { ...process.env, ...env } }).stdout.length === 0) break;
      spawnSync("sleep", ["0.1"]);
    }
    for (const name of ["slurmd", "slurmctld"]) {
      try {
        const pid = Number(readFileSync(join(folder, `${name}.pid`), "utf8"));
        process.kill(pid);
        for (;;) {
          process.kill(pid, 0); // throws once it has ended: until then it writes
          spawnSync("sleep", ["0.1"]);
        }
      } catch {
        // not running
      }
    }
  };
  for (let tries = 0; tries < 60; tries += 1) {
    if (
      spawnSync("sinfo", ["-h", "-o", "%t"], { env: { ...process.env, ...env }, encoding: "utf8" }).stdout.includes(
        "idle",
      )
    ) {
      return { env, stop };
    }
    spawnSync("sleep", ["0.5"]);
  }
  stop();
  throw new Error(`no idle node: ${readFileSync(join(folder, "slurmctld.log"), "utf8").slice(-2000)}`);
}
