import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeUnless, itUnless, temporaryFolder } from "test-support";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExperimentResults } from "../src/experiment/results.js";
import { type LocalSlurm, slurmMissing, startLocalSlurm } from "./scenes/local-slurm.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const cli = new URL("../dist/cli.js", import.meta.url).pathname;
const tiny = new URL("./fixtures/tiny.yaml", import.meta.url).pathname;

describeUnless(slurmMissing(), "an experiment on a queue", () => {
  const root = temporaryFolder("slurm");
  const data = join(root, "data");
  let slurm: LocalSlurm;
  beforeAll(async () => {
    const ids = await writeTinyScenes(data, { count: 2, seed: 0 });
    mkdirSync(join(data, "ImageSets"));
    for (const split of ["train", "val"]) writeFileSync(join(data, "ImageSets", `${split}.txt`), `${ids.join("\n")}\n`);
    slurm = startLocalSlurm(join(root, "slurm"));
  });
  afterAll(() => slurm?.stop());

  const env = () => ({ ...process.env, ...slurm.env, SIMD_KERNELS_THREADS: "1" });
  const slurmSays = (command: string, ...args: string[]) =>
    execFileSync(command, args, { env: env(), encoding: "utf8" });
  const options = (out: string, epochs = 1) => [
    "--data",
    data,
    "--out",
    out,
    "--size",
    "mini",
    "--seeds",
    "2",
    "--epochs",
    String(epochs),
  ];
  const ended = (child: ReturnType<typeof spawn>) =>
    new Promise<{ status: number | null; stderr: string }>((resolve) => {
      let stderr = "";
      child.stderr!.on("data", (text) => {
        stderr += text;
      });
      child.once("close", (status) => resolve({ status, stderr }));
    });
  const experiment = (...args: string[]) =>
    spawn(process.execPath, [cli, "experiment", "noise", "--slurm", ...args], { cwd: root, env: env() });
  /** Waits for something, a minute at most. */
  async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
    for (let tries = 0; tries < 240; tries += 1) {
      const found = look();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error(`waited in vain until ${what}: ${slurmSays("squeue")}`);
  }
  const jobsOf = (out: string) => JSON.parse(readFileSync(join(out, "noise", "slurm", "job.json"), "utf8"));

  it("goes through four runs, one of them preempted and one failing, and tabulates them", async () => {
    const out = join(root, "four");
    mkdirSync(join(out, "runs", "second-mini-l1-seed1"), { recursive: true });
    writeFileSync(join(out, "runs", "second-mini-l1-seed1", "notes.txt"), "in the way");
    const end = ended(experiment(...options(out, 4), "--at-once", "1"));
    const first = join(out, "runs", "second-mini-seed0");
    await until("the first run has taken a step", () => existsSync(join(first, "metrics.jsonl")));
    const { array } = jobsOf(out);
    slurmSays("scontrol", "requeue", `${array}_0`);
    const { status, stderr } = await end;
    expect(status, stderr).toBe(0);
    const { runs }: ExperimentResults = JSON.parse(readFileSync(join(out, "noise", "results.json"), "utf8"));
    expect(runs.map(({ arm, seed, state }) => [arm, seed, state.kind])).toEqual([
      ["second-mini", 0, "finished"],
      ["second-mini-l1", 0, "finished"],
      ["second-mini", 1, "finished"],
      ["second-mini-l1", 1, "failed"],
    ]);
    expect(existsSync(join(out, "noise", "index.html"))).toBe(true);
    // The preempted one has each of its steps once.
    const steps = readFileSync(join(first, "metrics.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).step);
    expect(steps).toEqual(Array.from(steps, (_, i) => i + 1));
  }, 300_000);

  it("is looked at again by the same command, and ended by --cancel, with checkpoints", async () => {
    const out = join(root, "cancelled");
    const watching = experiment(...options(out, 2000), "--at-once", "1");
    const end = ended(watching);
    const first = join(out, "runs", "second-mini-seed0");
    await until("the first run has taken a step", () => existsSync(join(first, "metrics.jsonl")));
    watching.kill("SIGINT");
    const { status, stderr } = await end;
    expect(status).toBe(130);
    expect(stderr).toContain("looking away; the jobs go on");
    const again = experiment(...options(out, 2000));
    const endOfAgain = ended(again);
    await new Promise<void>((resolve) => {
      again.stderr!.on("data", (text) => {
        if (String(text).includes("are in the queue already")) resolve();
      });
    });
    const cancelled = spawnSync(
      process.execPath,
      [cli, "experiment", "noise", "--slurm", "--cancel", ...options(out)],
      {
        cwd: root,
        env: env(),
        encoding: "utf8",
      },
    );
    expect(cancelled.stdout, cancelled.stderr).toContain("the jobs have ended");
    expect((await endOfAgain).status).toBe(130);
    expect(slurmSays("squeue", "--noheader")).toBe("");
    expect(existsSync(join(first, "checkpoint.safetensors"))).toBe(true);
    expect(JSON.parse(readFileSync(join(first, "run.json"), "utf8")).ended.reason).toMatch(/SIGTERM|SIGINT/);
  }, 300_000);
});

/** How `srun` and ranks speak: the interface, the family of MPI that has it here, its command, and the library that Slurm itself opens. */
const interfaces = [
  ["pmi2", "MPICH", "mpirun.mpich", undefined],
  ["pmix", "Open MPI", "mpirun.openmpi", "libpmix.so"],
] as const;

function interfaceMissing(command: string, library: string | undefined): string | undefined {
  const succeeds = (line: string) => spawnSync("sh", ["-c", line]).status === 0;
  if (!succeeds(`command -v ${command}`)) return `no ${command}`;
  return library === undefined || succeeds(`ls /usr/lib/*/${library}`) ? undefined : `no ${library} (libpmix-dev)`;
}

describeUnless(slurmMissing(), "training on ranks that srun starts", () => {
  const root = temporaryFolder("srun");
  const data = join(root, "data");
  const train = (out: string) => [
    ...[cli, "train", "--data", data, "--split", "all", "--config", tiny, "--batch-size", "2", "--shards", "2"],
    ...["--epochs", "2", "--entropy-loss", "--workers", "0", "--out", join(root, out)],
  ];
  const checkpoint = (out: string) => readFileSync(join(root, out, "checkpoint.safetensors"));
  let slurm: LocalSlurm;
  beforeAll(async () => {
    await writeTinyScenes(data, { count: 4, seed: 0 });
    slurm = startLocalSlurm(join(root, "slurm"));
    const plain = spawnSync(process.execPath, train("plain"), { encoding: "utf8" });
    expect(plain.status, plain.stderr).toBe(0);
  });
  afterAll(() => slurm?.stop());

  for (const [kind, library, launcher, opened] of interfaces) {
    itUnless(
      interfaceMissing(launcher, opened),
      `by ${kind} (${library}) writes the bytes of the plain command`,
      () => {
        const { status, stderr } = spawnSync(
          "srun",
          ["-n", "2", `--mpi=${kind}`, "--kill-on-bad-exit", process.execPath, ...train(kind)],
          { encoding: "utf8", env: { ...process.env, ...slurm.env, SIMD_KERNELS_THREADS: "1" } },
        );
        expect(status, stderr).toBe(0);
        expect(stderr).toContain(`2 ranks of ${library}`);
        expect(stderr.match(/frames, 2 epochs/g)).toHaveLength(1);
        expect(checkpoint(kind).equals(checkpoint("plain"))).toBe(true);
      },
      300_000,
    );
  }
});

describe("without Slurm", () => {
  it("--slurm says what is missing, --cancel what belongs to it", () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [cli, "experiment", "noise", ...args], {
        encoding: "utf8",
        env: { ...process.env, PATH: "" },
      });
    expect(run("--cancel").stderr).toContain("--cancel: expected --slurm with it");
    expect(run("--slurm", "--print").stderr).toContain("cannot be used with");
  });
});
