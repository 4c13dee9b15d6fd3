// `node scripts/release/try-platform.mjs TARBALLS [--platform NAME] [--node "COMMAND"]`: what `pnpm pack:all TARBALLS` wrote, as a
// user of a platform has it. Installs in an empty folder, runs the README's example and compares the native layer with the plain
// one. Needs Node and npm alone; --node starts the Node of another platform, such as "qemu-aarch64-static … node".
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { platformName } from "../../packages/addon-compiler/src/load-addon.mjs";
import { platformNamed, platformsBeside } from "../../packages/addon-compiler/src/platforms.mjs";
import { difference, readReadme } from "./readme.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    platform: { type: "string", default: platformName() },
    node: { type: "string", default: process.execPath },
  },
});
const tarballs = resolve(positionals[0]);
const { name } = platformNamed(values.platform);
if (values.node === process.execPath && name !== platformName())
  throw new Error(`this is ${platformName()}, not ${name}`);
const node = values.node === process.execPath ? [process.execPath] : values.node.split(" ");
const place = mkdtempSync(join(tmpdir(), "try-platform-"));

/** Runs Node in the folder; what it prints. */
const run = (...args) => execFileSync(node[0], [...node.slice(1), ...args], { cwd: place, encoding: "utf8" });

try {
  const beside = (owner) => (platformsBeside(owner).some((each) => each.name === name) ? [`${owner}-${name}`] : []);
  const owners = ["simd-kernels", "mpi-collectives"].filter((owner) => beside(owner).length > 0);
  install(owners.flatMap((owner) => [owner, ...beside(owner)]));
  tryKernels();
  if (owners.includes("mpi-collectives")) tryCollectives();
} finally {
  rmSync(place, { recursive: true, force: true });
}
console.log(`${name}: all is well`);

function install(names) {
  const files = names.map((each) => {
    const found = readdirSync(tarballs).find(
      (file) => file.startsWith(`${each}-`) && /^\d+\.\d+/.test(file.slice(each.length + 1)),
    );
    if (found === undefined)
      throw new Error(`${tarballs} has no tarball of ${each}: \`pnpm build:platforms\`, \`pnpm pack:all\``);
    return join(tarballs, found);
  });
  writeFileSync(join(place, "package.json"), "{}\n");
  const foreign = values.node === process.execPath ? "" : "--force"; // npm refuses another machine's package
  const npm = `npm install --no-audit --no-fund ${foreign} ${files.map((file) => `"${file}"`).join(" ")}`;
  execFileSync(npm, { cwd: place, shell: true, stdio: ["ignore", "ignore", "inherit"] }); // npm is a script on Windows
}

function tryKernels() {
  const readme = readFileSync(join(place, "node_modules", "simd-kernels", "README.md"), "utf8");
  const { code, output } = readReadme(readme);
  writeFileSync(join(place, "example.mjs"), code);
  const differs = difference(run("example.mjs"), output); // its first line is `native`
  if (differs !== undefined) throw new Error(`the example of simd-kernels: ${differs}`);
  const comparison = join(tarballs, "compare-layers.mjs");
  if (!existsSync(comparison)) throw new Error(`${comparison} is missing: \`pnpm build:platforms\` makes it`);
  cpSync(comparison, join(place, "compare-layers.mjs"));
  console.log(run("compare-layers.mjs").trimEnd());
}

/** The addon is there if it looks for a library of the given name. */
function tryCollectives() {
  const code = `process.env.MPI_COLLECTIVES_LIBRARY = "/no/library";
    const { openMpi } = await import("mpi-collectives");
    console.log(await openMpi().catch((error) => error.message));`;
  const said = run("--input-type=module", "-e", code);
  if (!said.includes("expected an MPI library") || !said.includes("/no/library")) throw new Error(said);
}
