// What is published: every folder of packages/ and apps/ whose manifest is not private.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

export const rootManifest = readJson(join(root, "package.json"));

/** Command line that starts the workspace's pnpm, installed or not. */
export const pnpm = ["npx", "-y", `pnpm@${rootManifest.devEngines.packageManager.version}`];

/** Folder, relative to the root, and manifest of every package of the workspace, in order of names. */
export function workspacePackages(from = root) {
  return ["packages", "apps"]
    .flatMap((parent) => readdirSync(join(from, parent)).map((name) => `${parent}/${name}`))
    .filter((folder) => existsSync(join(from, folder, "package.json")))
    .map((folder) => ({ folder, manifest: readJson(join(from, folder, "package.json")) }))
    .sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1));
}

export const publishedPackages = (from = root) => workspacePackages(from).filter(({ manifest }) => !manifest.private);

/**
 * Packs a package as it would be published.
 * @param {string} folder of the package, absolute
 * @param {string} destination folder of the tarball, made where it is missing
 * @returns {string} path of the tarball
 */
export function pack(folder, destination) {
  mkdirSync(destination, { recursive: true });
  const { name, version } = readJson(join(folder, "package.json"));
  const tarball = join(destination, `${name}-${version}.tgz`);
  execFileSync(pnpm[0], [...pnpm.slice(1), "--silent", "pack", "--out", tarball], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return tarball;
}

/** Every file that a manifest names: entry points, types, commands. Patterns such as `./weights/*` are left out. */
export function namedFiles({ main, module, types, bin = {}, exports = {} }) {
  const files = new Set([main, module, types, ...(typeof bin === "string" ? [bin] : Object.values(bin))]);
  const collect = (value) => {
    if (typeof value === "string") files.add(value);
    else for (const inner of Object.values(value ?? {})) collect(inner);
  };
  collect(exports);
  files.delete(undefined);
  return [...files].map((file) => file.replace(/^\.\//, "")).filter((file) => !file.includes("*"));
}
