import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleFolder, bundleProgram } from "./bundle.js";
import type { SpecResult } from "./tfjs-core/jasmine-shim.js";

// tfjs-core publishes its own jasmine tests as modules that Node cannot load: bundled here with this package's sources
// and a small stand-in for jasmine, they run in a process of their own.

let program = "";

beforeAll(async () => {
  program = await bundleProgram("tfjs-core");
});

async function runSpecs(...args: string[]): Promise<SpecResult[]> {
  const output = resolve(bundleFolder, `tfjs-core-${args.join("-")}.json`);
  await promisify(execFile)(process.execPath, [program, output, ...args], { maxBuffer: 1 << 28 });
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
