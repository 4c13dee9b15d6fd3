// A part of `pnpm release`, before `changeset publish`: publishes the packages by platform whose version the registry lacks, so
// that a package never names one that is not there. Does nothing where all are published, as after a push without a release.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pnpm, root } from "./packages.mjs";
import { buildPlatformPackage, platformPackages } from "./platform-packages.mjs";

/**
 * Compiles and publishes those that a registry lacks.
 * @param {ReturnType<typeof platformPackages>} packages
 * @param {object} options
 * @param {string} options.registry its address
 * @param {string} options.to folder that theirs are made in
 * @param {string} [options.npmrc] what their folders need to publish there, default the user's own settings
 * @returns {Promise<string[]>} what was published, `name@version`
 */
export async function publishMissing(packages, { registry, to, npmrc }) {
  const published = [];
  for (const each of packages) {
    const { version } = each.owner.manifest;
    const answer = await fetch(`${registry.replace(/\/$/, "")}/${each.name}/${version}`);
    if (answer.ok) continue;
    if (answer.status !== 404) throw new Error(`${registry} answers ${answer.status} about ${each.name}`);
    const cwd = await buildPlatformPackage(each, to);
    if (npmrc !== undefined) writeFileSync(join(cwd, ".npmrc"), npmrc);
    // Waited for without blocking: the registry closes its connection meanwhile, and the next request has to know. Whoever
    // publishes by hand may be asked for a one-time code.
    const [status] = await once(
      spawn(pnpm[0], [...pnpm.slice(1), "publish", "--no-git-checks", "--access", "public"], {
        cwd,
        stdio: npmrc === undefined ? "inherit" : ["ignore", "ignore", "inherit"],
      }),
      "exit",
    );
    if (status !== 0) throw new Error(`${each.name} was not published`);
    published.push(`${each.name}@${version}`);
  }
  return published;
}

if (import.meta.filename === process.argv[1]) {
  const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
  const published = await publishMissing(platformPackages(), { registry, to: join(root, "build", "platforms") });
  console.log(published.length > 0 ? `published: ${published.join(" ")}` : "all packages by platform are published");
}
