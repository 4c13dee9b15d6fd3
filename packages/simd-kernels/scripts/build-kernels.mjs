// Builds the C++ kernels into dist/: WebAssembly always, the native addon with the C++ compiler that `addon-compiler` finds.
// `--to FOLDER` builds into another folder, `--address-sanitizer` an addon that its program must load with libasan before it;
// `--platform NAME` builds the addon alone, for that platform, with Zig, and fails where it cannot.
// A layer that cannot be built is no failure: the reason goes to dist/layers.json, where `kernels()` finds it.
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  buildCached,
  compilerFor,
  findCompiler,
  nodeApiHeaders,
  nodeApiOfHost,
  platformName,
  platformNamed,
  runCompiler,
} from "addon-compiler";
import { compiledOperations } from "../src/operations/index.js";
import { operationsHeader } from "./operations-header.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sourceFolder = join(root, "native");
const { values } = parseArgs({
  options: {
    to: { type: "string", default: join(root, "dist") },
    "address-sanitizer": { type: "boolean", default: false },
    platform: { type: "string" },
  },
});
const dist = values.to;
const sanitizer = values["address-sanitizer"] ? ["-fsanitize=address", "-g1", "-O1"] : [];
const generated = join(dist, "generated");
const cache = join(root, "node_modules", ".cache", "simd-kernels");

// fp-contract: a multiply and the add after it become one fused instruction where there is one.
// no-math-errno, no-trapping-math: square roots and selections may be vectorised; NaN and infinity keep their meaning.
const common = [
  ..."-std=c++20 -O3 -Wall -Wextra -fno-exceptions -fno-rtti -fno-math-errno -fno-trapping-math".split(" "),
  "-ffp-contract=fast",
];
const avx512 = ["-mavx512f", "-mavx512vl", "-mavx512bw", "-mavx512dq", "-mfma", "-mprefer-vector-width=512"];
const avx512bf16 = [...avx512, "-mavx512bf16"];
/** Flags by instruction set; that of AMX has products of bfloat16 alone, and Linux alone is asked for its registers. */
const variantsFor = ({ os, cpu }) => ({
  ...(cpu === "x64" ? { avx512bf16, avx512, avx2: ["-mavx2", "-mfma"], sse2: [] } : { neon: [] }),
  ...(cpu === "x64" && os === "linux"
    ? { amx: [...avx512bf16, "-mamx-tile", "-mamx-bf16", "-DSIMD_PRODUCTS_ONLY"] }
    : {}),
});
const wasmFlags = [
  ..."--target=wasm32-unknown-unknown -nostdlib -ffreestanding -msimd128 -mbulk-memory -DSIMD_VARIANT=simd128".split(
    " ",
  ),
  // Loop strength reduction makes additions and registers of offsets that an engine would fold into an address.
  ..."-mllvm -disable-lsr".split(" "),
  ..."-Wl,--no-entry -Wl,--max-memory=4294967296 -Wl,-z,stack-size=1048576 -Wl,--strip-all".split(" "),
];
/** The modules by layer; `fused` holds products alone, by an instruction that multiplies and adds at once where the engine can. */
const wasmModules = {
  wasm: { file: "simd-kernels.wasm", flags: [] },
  fused: { file: "simd-kernels-fused.wasm", flags: ["-mrelaxed-simd", "-DSIMD_PRODUCTS_ONLY"] },
};

/** Contents of native/*.h and *.cc by name, and of the header that follows from src/operations, which is written. */
async function readSources() {
  const names = (await readdir(sourceFolder)).filter((name) => /\.(h|cc)$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(sourceFolder, name), "utf8")));
  const header = operationsHeader(compiledOperations);
  await mkdir(generated, { recursive: true });
  await writeFile(join(generated, "operations.h"), header);
  return { ...Object.fromEntries(names.map((name, i) => [name, texts[i]])), "operations.h": header };
}

const buildWasm = (layer) => async (all) => {
  const { file, flags } = wasmModules[layer];
  const sources = Object.fromEntries(
    Object.entries(all).filter(([name]) => !/^(addon|pool|threads.*|variants)\./.test(name)),
  );
  const key = [layer, sources, common, wasmFlags, flags, createRequire(import.meta.url).resolve("@yowasp/clang")];
  await buildCached({ cache, key, to: join(dist, file) }, async (path) => {
    const { commands, runLLVM } = await import("@yowasp/clang");
    let log = "";
    const collect = (bytes) => {
      if (bytes) log += Buffer.from(bytes).toString("utf8");
    };
    const options = { stdout: collect, stderr: collect };
    await runLLVM(null, {}, { fetchProgress: () => {} }); // loads the compiler without its progress lines
    try {
      const args = [...common, ...wasmFlags, ...flags, "kernels.cc", "wasm.cc", "-o", file];
      const files = await commands["clang++"](args, sources, options);
      await writeFile(path, files[file]);
    } catch (error) {
      throw new Error(`${error.message}\n${log}`, { cause: error });
    }
  });
  return "clang (WebAssembly)";
};

async function buildNative(sources) {
  const name = values.platform ?? platformName();
  const platform = platformNamed(name);
  const variants = variantsFor(platform);
  const compiler = values.platform ? await compilerFor(platform) : await findCompiler(sanitizer);
  const { version, link, libc } = compiler;
  const compile = [...compiler.compile, ...common, ...sanitizer, "-fvisibility=hidden", `-I${nodeApiHeaders}`];
  const host = platform.os === "win32" ? nodeApiOfHost([sources["addon.cc"]]) : undefined;
  const key = ["native", sources, compile, variants, host, compiler.key];
  await buildCached({ cache, key, to: join(dist, `simd-kernels-${name}.node`) }, async (path) => {
    const folder = await mkdtemp(join(tmpdir(), "simd-kernels-"));
    try {
      if (host) await writeFile(join(folder, "host.cc"), host);
      const jobs = [
        ...Object.entries(variants).map(([set, flags]) => [set, "kernels.cc", [...flags, `-DSIMD_VARIANT=${set}`]]),
        ["pool", "pool.cc", libc],
        ["addon", "addon.cc", libc],
        ...(host ? [["host", join(folder, "host.cc"), libc]] : []),
      ];
      const objects = await Promise.all(
        jobs.map(async ([unit, source, flags]) => {
          const object = join(folder, `${unit}.o`);
          const args = [...compile, `-I${generated}`, ...flags, "-c", resolve(sourceFolder, source), "-o", object];
          await runCompiler(compiler, args, cache);
          return object;
        }),
      );
      const linked = join(folder, "addon.node"); // beside what linkers write along with it
      await runCompiler(compiler, [...link(objects), "-o", linked], cache);
      await copyFile(linked, path);
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
    console.log(
      `simd-kernels: ${layer} layer not built: ${process.env.SIMD_KERNELS_VERBOSE || values.platform ? details : reason}`,
    );
    return { built: false, reason };
  }
}

if (values.platform) {
  const { built } = await attempt(`native (${values.platform})`, buildNative);
  process.exit(built ? 0 : 1);
}
const [native, wasm, fused] = await Promise.all([
  attempt("native", buildNative),
  ...Object.keys(wasmModules).map((layer) => attempt(layer, buildWasm(layer))),
]);
await writeFile(join(dist, "layers.json"), `${JSON.stringify({ native, wasm, fused }, null, 2)}\n`);
