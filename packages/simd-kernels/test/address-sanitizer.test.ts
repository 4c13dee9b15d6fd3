import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeUnless, temporaryFolder } from "test-support";
import { expect, it } from "vitest";
import { tryLayer } from "./layers.js";

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
const missing = compiler === undefined ? "no C++ compiler with a working address sanitizer" : undefined;
const best = tryLayer("native");
const avx512 = ["-mavx512f", "-mavx512vl", "-mavx512bw", "-mavx512dq", "-mfma"];
// The best instruction set of this processor and the baseline of the compiler, whose tiles differ in size.
const builds: readonly (readonly [string, readonly string[]])[] = [
  ["baseline", []],
  ...(typeof best !== "string" && best.instructionSet === "avx2" ? [["avx2", ["-mavx2", "-mfma"]] as const] : []),
  ...(typeof best !== "string" && best.instructionSet === "avx512" ? [["avx512", avx512] as const] : []),
  ...(typeof best !== "string" && best.instructionSet === "avx512bf16"
    ? [["avx512bf16", [...avx512, "-mavx512bf16"]] as const]
    : []),
];

describeUnless(missing, "address sanitizer", () => {
  it.each(builds)(
    "no kernel reads or writes outside its buffers: %s",
    (name, flags) => {
      const program = join(folder, name);
      const options = "-std=c++20 -O1 -g1 -fno-exceptions -fno-rtti -fno-math-errno -ffp-contract=fast -pthread".split(
        " ",
      );
      const sources = ["pool.cc", "test/kernels-test.cc"].map((file) => join(native, file));
      execFileSync(compiler!, [
        ...options,
        ...sanitizers,
        ...flags,
        "-DSIMD_VARIANT=tested",
        `-I${join(native, "..", "dist", "generated")}`,
        ...sources,
        "-o",
        program,
      ]);
      const output = execFileSync(program, { encoding: "utf8", env: environment });
      expect(output).toMatch(/^\d+ calls, no access outside a buffer\n$/);
    },
    300_000,
  );
});
