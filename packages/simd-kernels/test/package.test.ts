import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeUnless } from "test-support";
import { expect, it } from "vitest";
import { tryLayer, whyNot } from "./layers.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const program = join(root, "..", "..", "scripts", "release", "check-addon.mjs");
const built = ["simd-kernels-linux-x64.node", "simd-kernels.wasm", "simd-kernels-fused.wasm"];
const check = (folder: string) => spawnSync(process.execPath, [program, folder, ...built], { encoding: "utf8" });

const machine = `${process.platform}-${process.arch}`;
const missing =
  machine === "linux-x64" ? whyNot(tryLayer("native"), tryLayer("wasm")) : `this is ${machine}, not linux-x64`;

/** A copy of dist/ for `use` to spoil. */
function withCopy<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "simd-kernels-package-"));
  try {
    cpSync(join(root, "dist"), folder, { recursive: true });
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describeUnless(missing, "the published package", () => {
  it("holds the code for Node and browsers, the addon for linux-x64 and the WebAssembly", () => {
    const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
    const [packed] = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8", stdio: "pipe" }));
    const names: string[] = packed.files.map((file: { path: string }) => file.path);
    const code = ["index.js", "index.cjs", "index.d.ts", "index.d.cts", "browser.js"];
    expect(names).toEqual(expect.arrayContaining([...code, ...built, "layers.json"].map((name) => `dist/${name}`)));
    expect(
      names.filter((name) => !/^(dist\/[^/]+|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(name)),
    ).toEqual([]);
  });

  it("passes its release check: nothing missing, no newer libc than Node's own, stripped", () => {
    expect(check(join(root, "dist"))).toMatchObject({ status: 0, stderr: "" });
  });

  it.each(built)("is not packed without %s", (name) => {
    withCopy((folder) => {
      rmSync(join(folder, name));
      const { status, stderr } = check(folder);
      expect(status).toBe(1);
      expect(stderr).toContain(`${name} is missing`);
    });
  });

  it("runs on WebAssembly on another processor and says why", () => {
    const script = `
      Object.defineProperty(process, "arch", { value: "riscv64" });
      const { layer, unavailable } = require(${JSON.stringify(join(root, "dist", "index.cjs"))}).kernels();
      console.log(layer, JSON.stringify(unavailable));`;
    const env = { ...process.env, SIMD_KERNELS_LAYER: "", SIMD_KERNELS_INSTRUCTION_SET: "" };
    const printed = execFileSync(process.execPath, ["-e", script], { encoding: "utf8", env });
    const reason =
      "not built: simd-kernels-linux-riscv64.node is not in the package; no package holds one for linux-riscv64";
    expect(printed).toBe(`wasm ${JSON.stringify([{ layer: "native", reason }])}\n`);
  });

  it("runs on WebAssembly where the addon is broken and says what is wrong with it", () => {
    withCopy((folder) => {
      writeFileSync(join(folder, "simd-kernels-linux-x64.node"), "cut off");
      const script = `
        const { layer, unavailable } = require(${JSON.stringify(join(folder, "index.cjs"))}).kernels();
        console.log(layer, unavailable[0].reason);`;
      const env = { ...process.env, SIMD_KERNELS_LAYER: "", SIMD_KERNELS_INSTRUCTION_SET: "" };
      const printed = execFileSync(process.execPath, ["-e", script], { encoding: "utf8", env });
      expect(printed).toMatch(/^wasm .*simd-kernels-linux-x64\.node: file too short; /);
    });
  });
});
