// Stops a release whose built folder would lack a file, or whose addon would not load on the machines that READMEs name:
// `node check-addon.mjs FOLDER ADDON [FILE…]`, beside check-packing.mjs in the `prepack` of packages with an addon.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { packedWithin, platformNamed } from "../../packages/addon-compiler/src/platforms.mjs";
import { addonFaults } from "./addon-faults.mjs";

const [folder, addon, ...others] = process.argv.slice(2);

const faults = [addon, ...others].filter((name) => !existsSync(join(folder, name))).map((name) => `${name} is missing`);
if (existsSync(join(folder, addon))) {
  faults.push(...addonFaults(join(folder, addon), platformNamed(packedWithin)).map((fault) => `${addon} ${fault}`));
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error("not ready to pack; run `pnpm build` on linux-x64 (glibc)");
  process.exit(1);
}
