// Stops a release whose package would lack a file or whose addon would not load on the machines the README names:
// `node scripts/check-package.mjs [dist]`, run by `npm pack`, `pnpm pack` and `changeset publish` before they pack.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
const addon = "mpi-collectives-linux-x64.node";
const files = ["index.js", "index.cjs", "index.d.ts", "index.d.cts", addon];
const newestGlibc = 28; // 2.28: what the official builds of Node 20 ask for

const faults = files.filter((name) => !existsSync(join(dist, name))).map((name) => `${name} is missing`);
if (existsSync(join(dist, addon))) {
  const text = readFileSync(join(dist, addon)).toString("latin1"); // names of symbol versions, libraries and sections
  for (const [name, minor] of text.matchAll(/GLIBC_2\.(\d+)(?:\.\d+)?\0/g))
    if (Number(minor) > newestGlibc) faults.push(`${addon} asks for ${name.slice(0, -1)}, newer than 2.${newestGlibc}`);
  for (const [name] of text.matchAll(/lib(stdc\+\+|c\+\+|gcc_s|atomic)\.so/g)) faults.push(`${addon} asks for ${name}`);
  if (text.includes("\0.symtab\0")) faults.push(`${addon} is not stripped`);
}

for (const fault of faults) console.error(`mpi-collectives: ${fault}`);
if (faults.length > 0) {
  console.error("mpi-collectives: not ready to pack; run `pnpm build` on linux-x64 (glibc)");
  process.exit(1);
}
