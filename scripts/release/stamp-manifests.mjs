// `pnpm stamp`: writes into every published package what all of them share, out of the root's package.json: author, licence,
// engines, repository, homepage, bugs, and links of READMEs to this repository; and into those with an addon the packages by
// platform, at their own version.
import { readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { platformsBeside } from "../../packages/addon-compiler/src/platforms.mjs";
import { publishedPackages, readJson, root, rootManifest } from "./packages.mjs";

const pages = (manifest) => manifest.repository?.url.replace(/^git\+/, "").replace(/\.git$/, "");

/** A manifest with the shared fields in place, after `description`, `keywords` and before all else. */
export function stamped(manifest, folder) {
  const { name, version, private: hidden, description, keywords, ...rest } = manifest;
  const { author, license, repository, engines } = rootManifest;
  const homepage = `${pages(rootManifest)}/tree/main/${folder}#readme`;
  const shared = {
    homepage,
    bugs: `${pages(rootManifest)}/issues`,
    repository: { ...repository, directory: folder },
    author,
    license,
    type: "module",
    engines,
  };
  for (const key of Object.keys(shared)) delete rest[key];
  const prepack = `node ../../scripts/release/check-packing.mjs`;
  const own = rest.scripts.prepack?.split(" && ").filter((part) => part !== prepack) ?? [];
  rest.scripts = { ...rest.scripts, prepack: [prepack, ...own].join(" && ") };
  const beside = platformsBeside(name).map((platform) => [`${name}-${platform.name}`, version]);
  if (beside.length > 0) rest.optionalDependencies = Object.fromEntries(beside);
  return { name, version, ...(hidden && { private: hidden }), description, keywords, ...shared, ...rest };
}

/** A README whose links lead somewhere on the registry's page, too: to files of the repository, at its present address. */
export function linked(text, { folder, manifest }) {
  const renamed = text.replaceAll(`${pages(manifest) ?? pages(rootManifest)}/`, `${pages(rootManifest)}/`);
  return renamed.replace(LINK, (whole, target) => {
    if (ABSOLUTE.test(target)) return whole;
    return `](${pages(rootManifest)}/blob/main/${posix.join(folder, target)})`;
  });
}

const LINK = /\]\(([^)\s]+)\)/g;
const ABSOLUTE = /^(https?:|#)/;

/** What of a package is not as {@link stamped} makes it, a sentence each. */
export function differences(folder) {
  const manifest = readJson(join(root, folder, "package.json"));
  const faults = [];
  if (JSON.stringify(stamped(manifest, folder)) !== JSON.stringify(manifest)) {
    faults.push("package.json differs from what all packages share: run `pnpm stamp`");
  }
  const readme = readFileSync(join(root, folder, "README.md"), "utf8");
  for (const [, target] of readme.matchAll(LINK)) {
    if (!ABSOLUTE.test(target)) {
      faults.push(`README.md: ${target} leads nowhere on the registry's page: run \`pnpm stamp\``);
    }
  }
  return faults;
}

/** @param {string} workspace its root */
export function stampAll(workspace = root) {
  for (const { folder, manifest } of publishedPackages(workspace)) {
    const readme = join(workspace, folder, "README.md");
    writeFileSync(readme, linked(readFileSync(readme, "utf8"), { folder, manifest }));
    writeFileSync(join(workspace, folder, "package.json"), `${JSON.stringify(stamped(manifest, folder), null, 2)}\n`);
  }
}

if (import.meta.filename === process.argv[1]) stampAll();
