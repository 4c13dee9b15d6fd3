// `prepack` of every published package, run in its folder by `pnpm pack` and `changeset publish` before they pack: a package is
// packed whole or not at all.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { namedFiles, readJson } from "./packages.mjs";

// Source maps are not published; those of a build from before may lie there still.
for (const file of existsSync("dist") ? readdirSync("dist", { recursive: true }) : []) {
  if (file.endsWith(".map")) rmSync(`dist/${file}`);
}
const manifest = readJson("package.json");
const published = { ...manifest, ...manifest.publishConfig };
const faults = namedFiles(published)
  .filter((file) => !existsSync(file))
  .map((file) => `${file} is missing: run \`pnpm build\` first`);
if (!process.env.npm_config_user_agent?.startsWith("pnpm/")) {
  faults.push("only pnpm may pack it: another packer leaves `workspace:` and `catalog:` in the manifest");
}
for (const fault of faults) console.error(`${manifest.name}: ${fault}`);
process.exit(faults.length > 0 ? 1 : 0);
