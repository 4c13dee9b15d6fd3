// `node ../../scripts/release/lint-package.mjs` in the folder of a built package: packs it as it would be published and lets
// publint and "are the types wrong" judge the tarball. Beside their rules: the shared fields of the manifest, links, the licence, no
// source maps, names for what functions return, and how much code comes along with one function (scripts/release/sizes.json).
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { bundledBytes } from "./bundled-bytes.mjs";
import { namelessTypes } from "./nameless-types.mjs";
import { pack, readJson, root } from "./packages.mjs";
import { differences } from "./stamp-manifests.mjs";

const folder = process.cwd();
const manifest = readJson("package.json");
const temporary = mkdtempSync(join(tmpdir(), "lint-package-"));
const faults = differences(relative(root, folder));
try {
  const tarball = pack(folder, temporary);
  const bytes = readFileSync(tarball);
  await lintManifest(bytes);
  if (manifest.types !== undefined) {
    await lintTypes(bytes);
    lintNames();
  }
  lintContents(tarball, bytes.length);
  await lintSizes();
} finally {
  rmSync(temporary, { recursive: true });
}
for (const fault of faults) console.error(`${manifest.name}: ${fault}`);
process.exit(faults.length > 0 ? 1 : 0);

async function lintManifest(bytes) {
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ strict: true, pack: { tarball } });
  faults.push(...messages.map((message) => `publint: ${formatMessage(message, pkg)}`));
}

async function lintTypes(bytes) {
  const { problems } = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)));
  for (const { kind, entrypoint, resolutionKind } of problems) {
    // TypeScript's old resolution knows no `exports`, and with it no second entry point.
    if (resolutionKind !== "node10") faults.push(`types: ${kind} (${entrypoint ?? "."}, ${resolutionKind ?? "any"})`);
  }
}

function lintNames() {
  const entries = Object.values(manifest.exports).flatMap((entry) => entry.import?.types ?? []);
  for (const nameless of entries.flatMap(namelessTypes))
    faults.push(`types: ${nameless} is returned, but not exported`);
}

function lintContents(tarball, packedBytes) {
  const files = execFileSync("tar", ["tzf", tarball], { encoding: "utf8" }).trim().split("\n");
  const names = files.map((file) => file.replace(/^package\//, ""));
  for (const needed of ["LICENSE", "README.md"]) if (!names.includes(needed)) faults.push(`${needed} is not packed`);
  for (const name of names) if (name.endsWith(".map")) faults.push(`${name}: source maps are not published`);
  const { packed } = sizes();
  if (packedBytes > packed * 1000) faults.push(`${kB(packedBytes)} packed, above the limit of ${packed} kB`);
}

async function lintSizes() {
  for (const { import: names, from = manifest.name, kB: limit } of sizes().imports ?? []) {
    const bytes = await bundledBytes(folder, names, from);
    if (bytes > limit * 1000)
      faults.push(`import { ${names} } from "${from}": ${kB(bytes)}, above the limit of ${limit} kB`);
  }
}

function sizes() {
  const limits = readJson(new URL("sizes.json", import.meta.url))[manifest.name];
  if (limits === undefined) throw new Error(`${manifest.name} has no limits in scripts/release/sizes.json`);
  return limits;
}

function kB(bytes) {
  return `${Math.ceil(bytes / 1000)} kB`;
}
