// Stops a release whose built folder would lack a file, or whose addon would not load on the machines that READMEs name:
// `node check-addon.mjs FOLDER ADDON [FILE…]`, beside check-packing.mjs in the `prepack` of packages with an addon.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder, addon, ...others] = process.argv.slice(2);
const newestGlibc = 28; // 2.28: what the official builds of Node 20 ask for

const faults = [addon, ...others].filter((name) => !existsSync(join(folder, name))).map((name) => `${name} is missing`);
if (existsSync(join(folder, addon))) {
  const text = readFileSync(join(folder, addon)).toString("latin1"); // names of symbol versions, libraries and sections
  for (const [name, minor] of text.matchAll(/GLIBC_2\.(\d+)(?:\.\d+)?\0/g))
    if (Number(minor) > newestGlibc) faults.push(`${addon} asks for ${name.slice(0, -1)}, newer than 2.${newestGlibc}`);
  for (const [name] of text.matchAll(/lib(stdc\+\+|c\+\+|gcc_s|atomic)\.so/g)) faults.push(`${addon} asks for ${name}`);
  if (text.includes("\0.symtab\0")) faults.push(`${addon} is not stripped`);
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error("not ready to pack; run `pnpm build` on linux-x64 (glibc)");
  process.exit(1);
}
