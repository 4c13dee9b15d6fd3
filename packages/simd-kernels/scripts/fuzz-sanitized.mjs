// `node scripts/fuzz-sanitized.mjs [seed] [seconds]`: builds the addon with the address sanitizer and fuzzes it, so that an access
// outside of an array ends the run with its place. Says so and does nothing where no compiler has the sanitizer.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const copy = join(root, "node_modules", ".cache", "simd-kernels", "sanitized");
const tsx = ["--import", "tsx"];

/** Path of the sanitizer's library, which node must load first; undefined where there is none. */
function findLibrary() {
  for (const name of process.env.CXX ? [process.env.CXX] : ["c++", "g++"]) {
    try {
      const path = execFileSync(name, ["-print-file-name=libasan.so"], { encoding: "utf8" }).trim();
      if (isAbsolute(path)) return path;
    } catch {
      // the next one
    }
  }
  return undefined;
}

const library = findLibrary();
if (!library) {
  console.log("skipped: no C++ compiler with an address sanitizer");
} else {
  // Sources look for the addon in dist/ of their own package: a copy of them finds the one with the sanitizer.
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const part of ["package.json", "src", "test"]) cpSync(join(root, part), join(copy, part), { recursive: true });
  const build = [...tsx, join(root, "scripts", "build-kernels.mjs"), "--address-sanitizer", "--to", join(copy, "dist")];
  execFileSync(process.execPath, build, { cwd: root, stdio: "inherit" });
  const { native } = JSON.parse(readFileSync(join(copy, "dist", "layers.json"), "utf8"));
  if (!native.built) {
    console.log(`skipped: ${native.reason}`);
  } else {
    const fuzzer = [...tsx, join(copy, "test", "fuzz", "run-fuzzer.ts"), ...process.argv.slice(2)];
    const env = { ...process.env, LD_PRELOAD: library, ASAN_OPTIONS: "detect_leaks=0" };
    const { status } = spawnSync(process.execPath, fuzzer, { cwd: root, stdio: "inherit", env });
    process.exitCode = status ?? 1;
  }
}
