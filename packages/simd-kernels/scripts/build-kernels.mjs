// Builds the C++ kernels into dist/: WebAssembly always, the native addon where a C++ compiler is found.
// A layer that cannot be built is no failure: the reason goes to dist/layers.json, where `kernels()` finds it.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sourceFolder = join(root, "native");
const dist = join(root, "dist");
const cache = join(root, "node_modules", ".cache", "simd-kernels");
const execute = promisify(execFile);

// fp-contract: a multiply and the add after it become one fused instruction where there is one.
// no-math-errno, no-trapping-math: square roots and selections may be vectorised; NaN and infinity keep their meaning.
const common = [
  ..."-std=c++17 -O3 -Wall -Wextra -fno-exceptions -fno-rtti -fno-math-errno -fno-trapping-math".split(" "),
  "-ffp-contract=fast",
];
const variants =
  process.arch === "x64"
    ? {
        avx512: ["-mavx512f", "-mavx512vl", "-mavx512bw", "-mavx512dq", "-mfma", "-mprefer-vector-width=512"],
        avx2: ["-mavx2", "-mfma"],
        sse2: [],
      }
    : { neon: [] };
const wasmFlags = [
  ..."--target=wasm32-unknown-unknown -nostdlib -ffreestanding -msimd128 -mbulk-memory -DSIMD_VARIANT=simd128".split(
    " ",
  ),
  // Loop strength reduction makes additions and registers of offsets that an engine would fold into an address.
  ..."-mllvm -disable-lsr".split(" "),
  ..."-Wl,--no-entry -Wl,--max-memory=4294967296 -Wl,-z,stack-size=1048576 -Wl,--strip-all".split(" "),
];

/** Contents of native/*.h and *.cc by name. */
async function readSources() {
  const names = (await readdir(sourceFolder)).filter((name) => /\.(h|cc)$/.test(name)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(sourceFolder, name), "utf8")])),
  );
}

/** `build(path)` makes a file; one made before from the same key is taken from the cache instead. */
async function cached(key, to, build) {
  const path = join(cache, createHash("sha256").update(JSON.stringify(key)).digest("hex"));
  if (!existsSync(path)) {
    await mkdir(cache, { recursive: true });
    const fresh = `${path}.${process.pid}`;
    await build(fresh);
    await rename(fresh, path);
  }
  // Never write into a file that a running process may have mapped.
  await copyFile(path, `${to}.${process.pid}`);
  await rename(`${to}.${process.pid}`, to);
}

async function buildWasm(all) {
  const sources = Object.fromEntries(
    Object.entries(all).filter(([name]) => !/^(addon|old-glibc|pool|variants)\./.test(name)),
  );
  const key = ["wasm", sources, common, wasmFlags, createRequire(import.meta.url).resolve("@yowasp/clang")];
  await cached(key, join(dist, "simd-kernels.wasm"), async (path) => {
    const { commands, runLLVM } = await import("@yowasp/clang");
    let log = "";
    const collect = (bytes) => {
      if (bytes) log += Buffer.from(bytes).toString("utf8");
    };
    const options = { stdout: collect, stderr: collect };
    await runLLVM(null, {}, { fetchProgress: () => {} }); // loads the compiler without its progress lines
    try {
      const args = [...common, ...wasmFlags, "kernels.cc", "wasm.cc", "-o", "simd-kernels.wasm"];
      const files = await commands["clang++"](args, sources, options);
      await writeFile(path, files["simd-kernels.wasm"]);
    } catch (error) {
      throw new Error(`${error.message}\n${log}`, { cause: error });
    }
  });
  return "clang (WebAssembly)";
}

/** The first C++ compiler that answers: $CXX, c++, g++, clang++. */
async function findCompiler() {
  const names = process.env.CXX ? [process.env.CXX] : ["c++", "g++", "clang++"];
  for (const name of names) {
    try {
      const { stdout } = await execute(name, ["--version"]);
      return { name, version: stdout.split("\n")[0].trim() };
    } catch {
      // not there: try the next
    }
  }
  throw new Error("no C++ compiler was found at build time");
}

async function buildNative(sources) {
  if (process.platform === "win32") throw new Error("the native layer needs POSIX threads");
  if (!["x64", "arm64"].includes(process.arch)) throw new Error(`no instruction set is known for ${process.arch}`);
  const compiler = await findCompiler();
  const headers = createRequire(import.meta.url)("node-api-headers").include_dir;
  const compile = [...common, "-fPIC", "-fvisibility=hidden", "-pthread", `-I${headers}`];
  const link =
    process.platform === "darwin"
      ? ["-shared", "-undefined", "dynamic_lookup"]
      : ["-shared", "-s", "-pthread", "-nodefaultlibs", "-lpthread", "-ldl", "-lc", "-lgcc"];
  const libc = process.platform === "linux" ? ["-include", join(sourceFolder, "old-glibc.h")] : [];
  const to = join(dist, `simd-kernels-${process.platform}-${process.arch}.node`);
  await cached(["native", sources, compile, variants, link, compiler], to, async (path) => {
    const folder = await mkdtemp(join(tmpdir(), "simd-kernels-"));
    try {
      const jobs = [
        ...Object.entries(variants).map(([name, flags]) => [name, "kernels.cc", [...flags, `-DSIMD_VARIANT=${name}`]]),
        ["pool", "pool.cc", libc],
        ["addon", "addon.cc", libc],
      ];
      const objects = await Promise.all(
        jobs.map(async ([name, source, flags]) => {
          const object = join(folder, `${name}.o`);
          await execute(compiler.name, [...compile, ...flags, "-c", join(sourceFolder, source), "-o", object]);
          return object;
        }),
      );
      await execute(compiler.name, [...objects, ...link, "-o", path]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return compiler.version;
}

await mkdir(dist, { recursive: true });
const sources = await readSources();

/** Builds a layer; says in one line what came of it and returns the record for dist/layers.json. */
async function attempt(layer, build) {
  const started = Date.now();
  try {
    const compiler = await build(sources);
    console.log(`simd-kernels: ${layer} layer built by ${compiler} in ${Date.now() - started} ms`);
    return { built: true, compiler };
  } catch (error) {
    const details = String(error.stderr || error.message).trim();
    const reason = details.split("\n")[0];
    console.log(`simd-kernels: ${layer} layer not built: ${process.env.SIMD_KERNELS_VERBOSE ? details : reason}`);
    return { built: false, reason };
  }
}

const [native, wasm] = await Promise.all([attempt("native", buildNative), attempt("wasm", buildWasm)]);
await writeFile(join(dist, "layers.json"), `${JSON.stringify({ native, wasm }, null, 2)}\n`);
