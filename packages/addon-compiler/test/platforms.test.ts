import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { evaluate, root } from "./evaluate.js";

const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Platform {
  readonly name: string;
  readonly os: string;
  readonly cpu: string;
  readonly libc?: string;
}
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly os: string[];
  readonly cpu: string[];
  readonly libc?: string[];
  readonly main: string;
  readonly files: string[];
}

const platforms = evaluate<Platform[]>("packages/addon-compiler/src/platforms.mjs", "it.platforms");
const made = evaluate<{ name: string; owner: string; platform: Platform; manifest: Manifest }[]>(
  "scripts/release/platform-packages.mjs",
  "it.platformPackages().map((each) => ({ ...each, owner: each.owner.folder, manifest: it.platformManifest(each) }))",
);

describe("the list of platforms", () => {
  it("names each by what `platformName` makes of a machine", () => {
    for (const { name, os, cpu, libc } of platforms) {
      expect(name).toBe(`${os}-${cpu}${libc === "musl" ? "-musl" : ""}`);
      expect(libc === undefined, name).toBe(os !== "linux");
    }
    expect(new Set(platforms.map(({ name }) => name)).size).toBe(platforms.length);
  });

  it("is what the packages with an addon ask for, at their own version", () => {
    const owners = new Set(made.map(({ owner }) => owner));
    expect([...owners].sort()).toEqual(["packages/mpi-collectives", "packages/simd-kernels"]);
    for (const owner of owners) {
      const { version, optionalDependencies } = JSON.parse(read(`${owner}/package.json`));
      const names = made.filter((each) => each.owner === owner).map(({ name }) => name);
      expect(optionalDependencies).toEqual(Object.fromEntries(names.map((name) => [name, version])));
    }
  });

  it("makes packages that only their machine installs, with the addon that is looked for", () => {
    for (const { name, owner, platform, manifest } of made) {
      expect(manifest).toMatchObject({ name, os: [platform.os], cpu: [platform.cpu], main: `${name}.node` });
      expect(manifest.libc).toEqual(platform.libc && [platform.libc]);
      expect(manifest.files).toEqual([`${name}.node`]);
      expect(manifest.version).toBe(JSON.parse(read(`${owner}/package.json`)).version);
    }
  });

  it("is left out of the workspace's installation", () => {
    for (const owner of ["simd-kernels", "mpi-collectives"])
      expect(read("pnpm-workspace.yaml")).toContain(`"${owner}-*"`);
  });

  it("is what the workflow tries, each on its own kind of machine", () => {
    const job = /^ {2}platforms:\n(?: {4}.*\n|\n)+/m.exec(read(".github/workflows/ci.yml"))?.[0] ?? "";
    const tried = [...job.matchAll(/\{ platform: ([\w-]+), os: ([\w.-]+)/g)].map(([, name, os]) => [name, os]);
    expect(tried.map(([name]) => name).sort()).toEqual([...new Set(made.map(({ platform }) => platform.name))].sort());
    const runners: Record<string, RegExp> = {
      "linux-x64": /^ubuntu-[\d.]+$/,
      "linux-arm64": /^ubuntu-[\d.]+-arm$/,
      "darwin-x64": /^macos-\d+-intel$/,
      "darwin-arm64": /^macos-\d+$/,
      "win32-x64": /^windows-\d+$/,
    };
    for (const [name, os] of tried) expect(os, name).toMatch(runners[name.replace("-musl", "")]);
  });
});
