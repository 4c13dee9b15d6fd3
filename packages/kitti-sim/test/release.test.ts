import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { itUnless } from "test-support";
import { expect } from "vitest";

const root = join(import.meta.dirname, "..", "..", "..");
const npm = (...args: string[]) => spawnSync("npm", args, { encoding: "utf8" }).stdout?.trim();

/** The rehearsal takes its registry's program from the registry, and asks it who has our names. */
async function whyNot(): Promise<string | undefined> {
  if (process.platform === "win32") return "npm is a script there";
  const registry = npm("config", "get", "registry");
  const answer = await fetch(new URL("verdaccio", registry), { signal: AbortSignal.timeout(20_000) }).catch(() => {});
  return answer?.ok ? undefined : `${registry} does not answer`;
}

itUnless(
  await whyNot(),
  "is versioned, published to a registry with what it needs, and there installed by its name to do what its README says",
  () => {
    const program = join(root, "scripts", "release", "rehearse.mjs");
    const short = ["--only", "kitti-sim", "--managers", "npm", "--kinds", "mjs", "--platforms", "none"];
    const { stdout, stderr } = spawnSync(process.execPath, [program, ...short], { encoding: "utf8" });
    expect(stdout + stderr).toMatch(/^versions: kitti-io@\S+ kitti-sim@\S+ /m);
    expect(stdout + stderr).toMatch(/^kitti-sim by npm: installed .*\nrehearsed: all is well\n$/m);
  },
  600_000,
);
