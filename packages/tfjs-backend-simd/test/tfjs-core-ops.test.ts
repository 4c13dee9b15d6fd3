import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "tsup";
import { beforeAll, describe, expect, it } from "vitest";
import type { SpecResult } from "./tfjs-core/jasmine-shim.js";

// tfjs-core publishes its own jasmine tests as modules that Node cannot load: bundled here with this package's sources
// and a small stand-in for jasmine, they run in a process of their own.

const folder = resolve(import.meta.dirname, "../node_modules/.cache/tfjs-core-tests");

beforeAll(async () => {
  await build({
    entry: [resolve(import.meta.dirname, "tfjs-core/entry.ts")],
    config: false,
    format: "esm",
    target: "node20",
    outDir: folder,
    noExternal: [/./],
    external: ["simd-kernels"],
    splitting: false,
    silent: true,
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
    esbuildOptions: (options) => {
      options.mainFields = ["module", "main"]; // one tfjs-core for the tests, the cpu backend and this package
      options.ignoreAnnotations = true; // test files are listed as free of side effects
    },
    esbuildPlugins: [
      {
        name: "no-jasmine",
        setup(bundle) {
          bundle.onResolve({ filter: /^jasmine-core\// }, () => ({ path: "jasmine-core", namespace: "none" }));
          bundle.onLoad({ filter: /./, namespace: "none" }, () => ({ contents: "exports.core = () => ({})" }));
        },
      },
    ],
  });
});

async function runSpecs(...args: string[]): Promise<SpecResult[]> {
  const output = resolve(folder, `${args.join("-")}.json`);
  await promisify(execFile)(process.execPath, [resolve(folder, "entry.js"), output, ...args], { maxBuffer: 1 << 28 });
  return JSON.parse(await readFile(output, "utf8"));
}

const failuresOf = (results: readonly SpecResult[]) => results.filter((result) => result.failures.length > 0);

describe("the tests of tfjs-core 4.22", () => {
  it("all pass on simd, without exclusions", async () => {
    const results = await runSpecs("simd");
    expect(results.length).toBeGreaterThan(4200);
    expect(failuresOf(results)).toEqual([]);
  });

  it("notice a kernel that is wrong", async () => {
    const names = failuresOf(await runSpecs("simd", "Relu")).map((result) => result.name);
    expect(names.filter((name) => name.startsWith("relu")).length).toBeGreaterThan(5);
  });
});
