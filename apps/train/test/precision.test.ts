import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { kernels } from "simd-kernels";
import { temporaryFolder, withReason } from "test-support";
import { beforeAll, describe, expect, it } from "vitest";
import { modelRecipe } from "../src/experiment/arms.js";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

// Runs in processes of their own, as determinism.test.ts has them.

const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const tiny = fileURLToPath(new URL("./fixtures/tiny.yaml", import.meta.url));
const root = temporaryFolder("eloss-precision");
const data = join(root, "data");

beforeAll(() => writeTinyScenes(data, { count: 4, seed: 0 }));

function eloss(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
  return { status, stdout, stderr };
}

const trainArguments = (name: string, ...more: readonly string[]) => [
  ...["train", "--data", data, "--split", "all", "--config", tiny, "--epochs", "2", "--batch-size", "1"],
  ...["--entropy-loss", "--out", join(root, name), ...more],
];

/** Trains in a folder of that name, if it has not; the checkpoint's bytes and what it said. */
function train(name: string, precision?: string, environment: Readonly<Record<string, string>> = {}) {
  const { status, stderr } = eloss(
    trainArguments(name, ...(precision === undefined ? [] : ["--precision", precision])),
    environment,
  );
  expect(stderr).toContain("with the Entropy Loss");
  expect(status, stderr).toBe(0);
  return { stderr, checkpoint: readFileSync(join(root, name, "checkpoint.safetensors")) };
}

const inRun = (name: string, file: string) => readFileSync(join(root, name, file), "utf8");
const precisionOf = (name: string): string => JSON.parse(inRun(name, "run.json")).environment.precision;

const missing = kernels().multipliesBfloat16 ? undefined : "this processor has no instructions for bfloat16";

describe("--precision bf16", () => {
  it.skipIf(missing)(
    withReason("is said by the run, kept by it, and gives the same bytes with any number of threads", missing),
    () => {
      const one = train("one", "bf16", { SIMD_KERNELS_THREADS: "1" });
      expect(one.stderr).toContain(", products of bf16");
      expect(inRun("one", "config.yaml")).toMatch(/^precision: bf16$/m);
      expect(precisionOf("one")).toBe("bf16");
      expect(train("two", "bf16", { SIMD_KERNELS_THREADS: "2" }).checkpoint.equals(one.checkpoint)).toBe(true);

      const plain = train("plain");
      expect(plain.stderr).not.toContain("products of");
      expect(inRun("plain", "config.yaml")).not.toContain("precision");
      expect(precisionOf("plain")).toBe("float32");
      expect(plain.checkpoint.equals(one.checkpoint)).toBe(false);
      expect(plain.checkpoint.length).toBe(one.checkpoint.length); // weights and moments of float32
    },
    120_000,
  );

  it.skipIf(missing)(
    withReason("is how a run of it is evaluated, unless told otherwise", missing),
    () => {
      train("evaluated", "bf16");
      const evaluate = (...more: readonly string[]) =>
        eloss(["eval", "--run", join(root, "evaluated"), "--data", data, "--split", "all", "--json", ...more]);
      const own = evaluate();
      expect(own.stderr).toContain(", products of bf16");
      expect(JSON.parse(own.stdout).precision).toBe("bf16");
      const other = evaluate("--precision", "float32");
      expect(other.stderr).not.toContain("products of bf16");
      expect(other.stderr).not.toContain("were evaluated before");
      expect(JSON.parse(other.stdout)).not.toHaveProperty("precision");
    },
    120_000,
  );

  it("is another run than that of float32", () => {
    train("begun", "bf16");
    const { status, stderr } = eloss(trainArguments("begun", "--precision", "float32"));
    expect(status).toBe(1);
    expect(stderr).toContain('recipe.precision is "bf16" there and left out here');
  }, 120_000);

  it("takes float32 where there are no instructions for it, says so, and gives the bytes of float32", () => {
    const onPlain = { SIMD_KERNELS_LAYER: "wasm" };
    const asked = train("asked", "bf16", onPlain);
    expect(asked.stderr).toContain("products are float32, not bf16");
    expect(precisionOf("asked")).toBe("float32");
    expect(asked.checkpoint.equals(train("not-asked", undefined, onPlain).checkpoint)).toBe(true);
  }, 240_000);

  it("is refused on another backend", () => {
    const { status, stderr } = eloss(trainArguments("cpu", "--precision", "bf16", "--backend", "cpu"));
    expect(status).toBe(1);
    expect(stderr).toContain("--precision bf16: expected --backend simd, which alone has it; got cpu");
  });

  it("stands in the recipes of an experiment", () => {
    expect(modelRecipe("second", "mini", { precision: "bf16" }).precision).toBe("bf16");
    expect(modelRecipe("second", "mini", { precision: "float32" })).not.toHaveProperty("precision");
  });
});
