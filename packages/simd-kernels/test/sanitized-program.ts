import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "test-support";

const native = join(dirname(fileURLToPath(import.meta.url)), "..", "native");
const folder = temporaryFolder("simd-kernels-asan");

const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const environment = { ...process.env, ASAN_OPTIONS: "detect_leaks=0" };

/** A C++ compiler whose address sanitizer works here; undefined where there is none. */
function findCompiler(): string | undefined {
  const source = join(folder, "probe.cc");
  writeFileSync(source, "int main() { return 0; }\n");
  for (const name of process.env.CXX ? [process.env.CXX] : ["c++", "g++", "clang++"]) {
    try {
      execFileSync(name, [...sanitizers, source, "-o", join(folder, "probe")], { stdio: "ignore" });
      execFileSync(join(folder, "probe"), { stdio: "ignore", env: environment });
      return name;
    } catch {
      // the next one
    }
  }
  return undefined;
}

const compiler = findCompiler();

/** Why there are no such programs here, if so. */
export const whyNoSanitizer = compiler === undefined ? "no C++ compiler with a working address sanitizer" : undefined;

export const avx512 = ["-mavx512f", "-mavx512vl", "-mavx512bw", "-mavx512dq", "-mfma"];

/** What a program of `sources` in native/ prints under the address and undefined-behaviour sanitizers; their finds are errors. */
export function runSanitized(name: string, flags: readonly string[], sources: readonly string[]): string {
  const program = join(folder, name);
  const options = "-std=c++20 -O1 -g1 -fno-exceptions -fno-rtti -fno-math-errno -ffp-contract=fast -pthread".split(" ");
  const include = `-I${join(native, "..", "dist", "generated")}`;
  const files = sources.map((file) => join(native, file));
  execFileSync(compiler!, [
    ...options,
    ...sanitizers,
    ...flags,
    "-DSIMD_VARIANT=tested",
    include,
    ...files,
    "-o",
    program,
  ]);
  return execFileSync(program, { encoding: "utf8", env: environment });
}
