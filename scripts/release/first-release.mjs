// `pnpm first-release`: before anything is published, one changeset for each package in place of the many that tell how it came
// about. The text is the package's `-first` changeset, or its description. Can be run again; refuses once a package has a version.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publishedPackages, root } from "./packages.mjs";

/** @param {string} folder of the workspace */
export function collapseChangesets(folder = root) {
  const packages = publishedPackages(folder);
  const released = packages.filter(({ manifest }) => manifest.version !== "0.0.0");
  if (released.length > 0)
    throw new Error(`${released[0].manifest.name} has a version: its changesets are a user's changelog`);
  const changesets = join(folder, ".changeset");
  const texts = packages.map(({ manifest: { name, description } }) => {
    const first = [`${name}-first.md`, `${name}.md`].map((file) => join(changesets, file)).find(existsSync);
    const text = first === undefined ? "" : readFileSync(first, "utf8").split("---\n").slice(2).join("---\n").trim();
    return { name, text: text || `First version: ${description}.` };
  });
  for (const file of readdirSync(changesets)) if (file.endsWith(".md")) rmSync(join(changesets, file));
  for (const { name, text } of texts) {
    writeFileSync(join(changesets, `${name}-first.md`), `---\n"${name}": minor\n---\n\n${text}\n`);
  }
  return texts.length;
}

if (import.meta.filename === process.argv[1]) {
  console.log(`${collapseChangesets()} changesets, one for each package`);
}
