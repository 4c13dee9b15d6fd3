// Builds the addon into dist/. One that cannot be built is no failure: the reason goes to dist/addon.json, where `openMpi` finds it.
// `--platform NAME` builds for that platform, with Zig, into the folder `--to`, and fails where it cannot.
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  buildCached,
  compilerFor,
  findCompiler,
  nodeApiHeaders,
  platformName,
  platformNamed,
  runCompiler,
} from "addon-compiler";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const native = join(root, "native");
const { values } = parseArgs({
  options: { platform: { type: "string" }, to: { type: "string", default: join(root, "dist") } },
});
const dist = values.to;
const cache = join(root, "node_modules", ".cache", "mpi-collectives");

async function build() {
  const name = values.platform ?? platformName();
  const platform = platformNamed(name); // handles were not tried on other processors
  if (platform.os === "win32") throw new Error("the addon needs POSIX threads");
  const compiler = values.platform ? await compilerFor(platform) : await findCompiler();
  const flags = "-std=c++20 -O2 -Wall -Wextra -fno-exceptions -fno-rtti -fvisibility=hidden".split(" ");
  const compile = [...compiler.compile, ...flags, `-I${nodeApiHeaders}`, ...compiler.libc];
  const names = (await readdir(native)).sort();
  const sources = await Promise.all(names.map((name) => readFile(join(native, name), "utf8")));
  const key = [sources, compile, compiler.key];
  const to = join(dist, `mpi-collectives-${name}.node`);
  await buildCached({ cache, key, to }, async (path) => {
    const folder = await mkdtemp(join(tmpdir(), "mpi-collectives-"));
    try {
      const object = join(folder, "addon.o");
      await runCompiler(compiler, [...compile, "-c", join(native, "addon.cc"), "-o", object], cache);
      const linked = join(folder, "addon.node"); // beside what linkers write along with it
      await runCompiler(compiler, [...compiler.link([object]), "-o", linked], cache);
      await copyFile(linked, path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return compiler.version;
}

await mkdir(dist, { recursive: true });
if (values.platform) {
  console.log(`mpi-collectives: addon for ${values.platform} built by ${await build()}`);
  process.exit();
}
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
