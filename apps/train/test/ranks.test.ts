import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { singleRank } from "mpi-collectives";
import { describeUnless, temporaryFolder } from "test-support";
import { beforeAll, describe, expect, it } from "vitest";
import { bindingNote } from "../src/system/ranks.js";
import { averageInOrder, passesOfRank, shardsOf } from "../src/training/sharded-step.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const cli = new URL("../dist/cli.js", import.meta.url).pathname;
const tiny = new URL("./fixtures/tiny.yaml", import.meta.url).pathname;

describe("shards", () => {
  it("are consecutive, as even as whole frames go, and none is empty", () => {
    expect(shardsOf([1, 2, 3, 4, 5], 2)).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    expect(shardsOf([1, 2], 4)).toEqual([[1], [2]]);
    expect(shardsOf([1, 2, 3], 1)).toEqual([[1, 2, 3]]);
  });

  it("are shared out in turn; a rank without one makes the first one's pass", () => {
    expect([0, 1, 2].map((rank) => passesOfRank(5, { rank, size: 3 }))).toEqual([[0, 3], [1, 4], [2]]);
    expect(passesOfRank(1, { rank: 1, size: 2 })).toEqual([0]);
  });

  it("are averaged in their order, in float64", async () => {
    const vectors = [
      [1, 1e8],
      [2, 1],
      [4, -1e8],
    ].map((numbers) => Float32Array.from(numbers));
    expect(await averageInOrder(vectors, 3, singleRank())).toEqual(Float32Array.of(7 / 3, 1 / 3));
  });
});

describe("a rank that its launcher binds", () => {
  it("is told of where processors are left over", () => {
    expect(bindingNote(1, { own: 1, all: 2 })).toContain("bound to 1 of 2 processors: `mpirun --bind-to none`");
    expect(bindingNote(4, { own: 1, all: 64 })).toContain("--map-by slot:PE=16");
    for (const [ranks, own] of [
      [2, 1],
      [1, 2],
      [8, 1],
    ])
      expect(bindingNote(ranks, { own, all: 2 })).toBe("");
  });
});

/** Each with ranks that take one run up from one another. */
const families = [
  ["Open MPI", "mpirun.openmpi", ["--allow-run-as-root", "--oversubscribe"], [2, 1, 4]],
  ["MPICH", "mpirun.mpich", [], [1, 2]],
] as const;

describe("training on ranks", () => {
  const root = temporaryFolder("ranks");
  const data = join(root, "data");
  let frames: string[];
  beforeAll(async () => {
    frames = await writeTinyScenes(data, { count: 7, seed: 0 });
  });
  const train = (out: string, ...more: string[]) => [
    ...[
      cli,
      "train",
      "--data",
      data,
      "--split",
      frames.join(","),
      "--config",
      tiny,
      "--batch-size",
      "4",
      "--shards",
      "4",
    ],
    ...["--epochs", "5", "--entropy-loss", "--workers", "0", "--out", join(root, out), ...more],
  ];
  const env = {
    ...process.env,
    SIMD_KERNELS_THREADS: "1",
    OMPI_ALLOW_RUN_AS_ROOT: "1",
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
  };
  const checkpoint = (out: string) => join(root, out, "checkpoint.safetensors");
  const hash = (out: string) =>
    createHash("sha256")
      .update(readFileSync(checkpoint(out)))
      .digest("hex");
  let plain: string;
  beforeAll(() => {
    const { status, stderr } = spawnSync(process.execPath, train("plain"), { env, encoding: "utf8" });
    expect(status, stderr).toBe(0);
    plain = hash("plain");
  });

  /** The process of a rank of the run in a folder, as soon as it is there. */
  const processOf = async (out: string, rank: number): Promise<number> => {
    for (;;) {
      const { stdout } = spawnSync("pgrep", ["-f", join(root, out)], { encoding: "utf8" });
      for (const pid of stdout.trim().split("\n").filter(Boolean)) {
        const file = `/proc/${pid}/environ`;
        const variables = existsSync(file) ? readFileSync(file, "utf8") : "";
        if (/(?:OMPI_COMM_WORLD_RANK|PMI_RANK)=(\d+)/.exec(variables)?.[1] === String(rank)) return Number(pid);
      }
      await delay(50);
    }
  };
  const stepsOf = (out: string): number => {
    const file = join(root, out, "metrics.jsonl");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
  };
  /** A run on ranks; `said` is all that they have written so far. */
  const start = (mpirun: string, args: readonly string[]) => {
    const child = spawn(mpirun, args, { env });
    const run = { said: "", ended: new Promise<number | null>((resolve) => child.once("close", resolve)) };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => {
        run.said += text;
      });
    }
    return run;
  };

  for (const [name, mpirun, options, relay] of families) {
    const missing = spawnSync(mpirun, ["--version"]).status === 0 ? undefined : `no ${mpirun}`;
    describeUnless(missing, name, () => {
      it.each([1, 2, 4])("%i ranks write the bytes of the plain command", (ranks) => {
        const out = `${name.replace(" ", "-")}-${ranks}`;
        const run = spawnSync(mpirun, [...options, "-n", String(ranks), process.execPath, ...train(out)], {
          env,
          encoding: "utf8",
        });
        expect(run.status, run.stderr).toBe(0);
        expect(hash(out)).toBe(plain);
      });

      it("a rank that is killed ends the others within ten seconds; the plain command goes on to the same bytes", async () => {
        const out = `${name.replace(" ", "-")}-killed`;
        const program = [process.execPath, ...train(out, "--checkpoint-every", "0")];
        const run = start(mpirun, [...options, "-n", "2", ...program]);
        while (!existsSync(checkpoint(out))) await delay(50);
        process.kill(await processOf(out, 1), "SIGKILL");
        const started = performance.now();
        expect(await run.ended).not.toBe(0);
        expect(performance.now() - started).toBeLessThan(10_000);
        expect(run.said).toMatch(/signal 9|KILLED BY SIGNAL|BAD TERMINATION|Killed/i);
        const again = spawnSync(process.execPath, train(out), { env, encoding: "utf8" });
        expect(again.status, again.stderr).toBe(0);
        expect(again.stderr).toContain("goes on after step");
        expect(hash(out)).toBe(plain);
      });

      it(`a run that ${relay.join(", then ")} ranks take up from one another has the same bytes`, async () => {
        const out = `${name.replace(" ", "-")}-relay`;
        for (const [part, ranks] of relay.entries()) {
          const taken = stepsOf(out);
          const run = start(mpirun, [...options, "-n", String(ranks), process.execPath, ...train(out)]);
          if (part === relay.length - 1) {
            expect(await run.ended, run.said).toBe(0);
          } else {
            const last = await processOf(out, ranks - 1); // whichever is told to stop, all do
            while (stepsOf(out) === taken) await delay(20);
            process.kill(last, "SIGTERM");
            expect(await run.ended, run.said).toBe(130);
            expect(run.said).toContain("stopped after step");
            expect(existsSync(checkpoint(out))).toBe(true);
          }
          if (part > 0) expect(run.said).toContain(`goes on after step ${taken} of`);
        }
        expect(hash(out)).toBe(plain);
      }, 240_000);
    });
  }
});
