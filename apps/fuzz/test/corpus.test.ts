import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "test-support";
import { describe, expect, it } from "vitest";
import { fuzzTarget } from "../src/fuzz-target.js";
import { targets } from "../src/targets/all-targets.js";
import { tryInput } from "../src/try-input.js";

const corpus = new URL("../corpus", import.meta.url).pathname;
const scratch = temporaryFolder("eloss-fuzz");

/** Mutations of each target: enough to run through every kind of change, few enough for every day. */
const INPUTS = 150;

/** Files that were findings once. */
function corpusOf(name: string): string[] {
  const folder = join(corpus, name);
  return existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : [];
}

describe.each(targets.map((target) => [target.name, target] as const))("%s", (name, target) => {
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  const how = { folder, mostMilliseconds: Number.POSITIVE_INFINITY };

  it("reads its good files", async () => {
    for (const seed of target.seeds()) {
      const input = typeof seed === "string" ? new TextEncoder().encode(seed) : seed;
      expect(await tryInput(target, input, how)).toEqual({ refused: false });
    }
  });

  it.each(corpusOf(name))("reads or refuses %s in words", async (file) => {
    expect((await tryInput(target, readFileSync(file), how)).fault).toBeUndefined();
  });

  it(`reads or refuses ${INPUTS} changed files in words`, async () => {
    const { inputs, findings } = await fuzzTarget(target, { seed: 1, inputs: INPUTS, ...how });
    expect(findings.map(({ fault }) => fault)).toEqual([]);
    expect(inputs).toBeGreaterThanOrEqual(INPUTS);
  });
});

it("every folder of the corpus belongs to a target", () => {
  const names = targets.map(({ name }) => name);
  expect(readdirSync(corpus).filter((name) => !name.endsWith(".md") && !names.includes(name))).toEqual([]);
});
