// `pnpm pack:all FOLDER`: every published package as a tarball, to be installed together: `npm install FOLDER/*.tgz`.
import { join, resolve } from "node:path";
import { pack, publishedPackages, root } from "./packages.mjs";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("pack:all: expected a folder to write to");
  process.exit(2);
}
for (const each of publishedPackages()) console.log(pack(join(root, each.folder), resolve(folder)));
