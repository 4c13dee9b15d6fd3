// Builds the addon into dist/. One that cannot be built is no failure: the reason goes to dist/addon.json, where `openMpi` finds it.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildCached, findCompiler, nodeApiHeaders, runCompiler } from "addon-compiler";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const native = join(root, "native");
const dist = join(root, "dist");
const cache = join(root, "node_modules", ".cache", "mpi-collectives");

async function build() {
  if (process.platform === "win32") throw new Error("the addon needs POSIX threads");
  if (!["x64", "arm64"].includes(process.arch)) throw new Error(`handles were not tried on ${process.arch}`);
  const compiler = await findCompiler();
  const flags = "-std=c++20 -O2 -Wall -Wextra -fno-exceptions -fno-rtti -fPIC -fvisibility=hidden -pthread".split(" ");
  const compile = [...compiler.compile, ...flags, `-I${nodeApiHeaders}`, ...compiler.libc];
  const names = (await readdir(native)).sort();
  const sources = await Promise.all(names.map((name) => readFile(join(native, name), "utf8")));
  const key = [sources, compile, compiler.key];
  const to = join(dist, `mpi-collectives-${process.platform}-${process.arch}.node`);
  await buildCached({ cache, key, to }, async (path) => {
    const folder = await mkdtemp(join(tmpdir(), "mpi-collectives-"));
    try {
      const object = join(folder, "addon.o");
      await runCompiler(compiler, [...compile, "-c", join(native, "addon.cc"), "-o", object], cache);
      await runCompiler(compiler, [...compiler.link([object]), "-o", path], cache);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return compiler.version;
}

await mkdir(dist, { recursive: true });
let record;
try {
  record = { built: true, compiler: await build() };
  console.log(`mpi-collectives: addon built by ${record.compiler}`);
} catch (error) {
  record = {
    built: false,
    reason: String(error.stderr || error.message)
      .trim()
      .split("\n")[0],
  };
  console.log(`mpi-collectives: addon not built: ${record.reason}`);
}
await writeFile(join(dist, "addon.json"), `${JSON.stringify(record, null, 2)}\n`);
