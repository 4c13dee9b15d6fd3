// `pnpm build:platforms [--only NAME ...] [--to FOLDER]`: the packages that hold an addon for one platform each, such as
// simd-kernels-linux-arm64, as folders of build/platforms. Zig compiles all of them on any machine. They are no part of the
// workspace: what they are follows from packages/addon-compiler/src/platforms.mjs and from the package whose addon they hold.
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { build } from "esbuild";
import { platformsBeside } from "../../packages/addon-compiler/src/platforms.mjs";
import { addonFaults } from "./addon-faults.mjs";
import { publishedPackages, root } from "./packages.mjs";

/** What compiles an addon, in the folder of its package: takes `--platform NAME --to FOLDER`. */
const builders = { "simd-kernels": "scripts/build-kernels.mjs", "mpi-collectives": "scripts/build-addon.mjs" };

/**
 * Every package by platform: its name, the platform, and the package whose addon it holds.
 * @param {string} from root of the workspace that says the versions
 */
export function platformPackages(from = root) {
  return publishedPackages(from).flatMap((owner) =>
    platformsBeside(owner.manifest.name).map((platform) => ({
      name: `${owner.manifest.name}-${platform.name}`,
      platform,
      owner,
    })),
  );
}

/** The manifest. Its version is that of the package whose addon it holds, which asks for exactly this one. */
export function platformManifest({ name, platform: { os, cpu, libc, words }, owner }) {
  const { version, homepage, bugs, repository, author, license, engines } = owner.manifest;
  return {
    ...{ name, version, description: `The addon of ${owner.manifest.name} for ${words}` },
    ...{ homepage, bugs, repository, author, license, engines },
    ...{ os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) },
    ...{ main: `${name}.node`, files: [`${name}.node`] },
  };
}

/**
 * Compiles the addon of a package and makes the folder that is published.
 * @returns {Promise<string>} the folder
 * @throws Error if it does not compile, or would not load where it is meant for
 */
export async function buildPlatformPackage(each, to) {
  const { name, platform, owner } = each;
  const folder = join(to, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const args = ["--import", import.meta.resolve("tsx"), builders[owner.manifest.name]];
  await promisify(execFile)(process.execPath, [...args, "--platform", platform.name, "--to", folder], {
    cwd: join(root, owner.folder),
  });
  rmSync(join(folder, "generated"), { recursive: true, force: true }); // a header of the build's
  const addon = `${name}.node`;
  const faults = addonFaults(join(folder, addon), platform);
  if (faults.length > 0) throw new Error(faults.map((fault) => `${addon} ${fault}`).join("; "));
  const { homepage } = owner.manifest;
  const readme = `# ${name}\n\nThe addon of [${owner.manifest.name}](${homepage}) for ${platform.words}. It is installed along with that.\n`;
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(platformManifest(each), null, 2)}\n`);
  writeFileSync(join(folder, "README.md"), readme);
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  return folder;
}

/** The program that compares the layers of an installed simd-kernels, as one file for machines without this repository's tools. */
export async function bundleComparison(outfile) {
  const vitest = {
    name: "without vitest", // helpers of tests import it; this program needs nothing of it
    setup: ({ onResolve }) =>
      onResolve({ filter: /^vitest$/ }, () => ({ path: "vitest", external: true, sideEffects: false })),
  };
  const entryPoints = [join(root, "packages", "simd-kernels", "test", "compare-layers.ts")];
  const external = ["simd-kernels"];
  const how = { bundle: true, platform: "node", format: "esm", target: "node20", logLevel: "warning" };
  await build({ entryPoints, outfile, external, plugins: [vitest], ...how });
}

if (import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true },
      to: { type: "string", default: join(root, "build", "platforms") },
    },
  });
  const all = platformPackages();
  const unknown = values.only?.find((name) => !all.some((each) => each.name === name));
  if (unknown) throw new Error(`expected one of ${all.map(({ name }) => name).join(", ")} for --only, got ${unknown}`);
  for (const each of all.filter(({ name }) => values.only?.includes(name) ?? true)) {
    console.log(await buildPlatformPackage(each, values.to));
  }
  await bundleComparison(join(values.to, "compare-layers.mjs"));
}
