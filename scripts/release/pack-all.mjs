// `pnpm pack:all FOLDER`: every published package as a tarball, to be installed together: `npm install FOLDER/*.tgz`. The packages
// by platform as well, those that `pnpm build:platforms` has made: a machine takes its own.
import { copyFileSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pack, publishedPackages, root } from "./packages.mjs";
import { platformPackages } from "./platform-packages.mjs";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("pack:all: expected a folder to write to");
  process.exit(2);
}
for (const each of publishedPackages()) console.log(pack(join(root, each.folder), resolve(folder)));
const beside = join(root, "build", "platforms");
for (const { name } of platformPackages()) {
  if (existsSync(join(beside, name, "package.json"))) console.log(pack(join(beside, name), resolve(folder)));
}
const comparison = "compare-layers.mjs"; // what try-platform.mjs runs with them
if (existsSync(join(beside, comparison))) copyFileSync(join(beside, comparison), join(folder, comparison));
