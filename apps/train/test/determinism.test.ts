import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { kernels } from "simd-kernels";
import { temporaryFolder, withReason } from "test-support";
import { beforeAll, describe, expect, it } from "vitest";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

// Whole runs in processes of their own, which is what a thread count and a layer are chosen for. docs/determinism.md
// says what these tests hold up.

const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const tiny = fileURLToPath(new URL("./fixtures/tiny.yaml", import.meta.url));
const FRAMES = 4;
const root = temporaryFolder("eloss-determinism");
let count = 0;

beforeAll(() => writeTinyScenes(join(root, "data"), { count: FRAMES, seed: 0 }));

interface Run {
  readonly config: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly workers?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Trains with the Entropy Loss; the checkpoint's bytes, the first step's losses and what it ran on. */
function train({ config, epochs, batchSize, workers = 1, environment }: Run) {
  const out = join(root, `run-${count++}`);
  const options = { epochs, "batch-size": batchSize, workers, data: join(root, "data"), split: "all", config, out };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const env = { ...process.env, ...environment };
  const { status, stderr } = spawnSync(process.execPath, [cli, "train", "--entropy-loss", ...args], {
    encoding: "utf8",
    env,
  });
  expect(stderr).toContain("with the Entropy Loss");
  expect(status).toBe(0);
  const lines = readFileSync(join(out, "metrics.jsonl"), "utf8").trim().split("\n");
  expect(lines.length).toBe((epochs * FRAMES) / batchSize);
  return {
    checkpoint: readFileSync(join(out, "checkpoint.safetensors")),
    losses: JSON.parse(lines[0]).losses as Record<string, number>,
    backend: stderr,
  };
}

describe("second-mini after 20 steps", () => {
  const twentySteps = { config: "second-mini", epochs: 5, batchSize: 1 };
  const withThreads = (threads: number) => ({ ...twentySteps, environment: { SIMD_KERNELS_THREADS: String(threads) } });
  let oneThread: Buffer;

  it("is the same from run to run, whoever prepares the batches", () => {
    oneThread = train(withThreads(1)).checkpoint;
    expect(train({ ...withThreads(1), workers: 0 }).checkpoint.equals(oneThread)).toBe(true);
  }, 300_000);

  const { layer } = kernels();
  const noThreads = layer === "native" ? undefined : `the ${layer} kernels run on one thread`;
  it.skipIf(noThreads).each([2, 3])(withReason("is the same with %i threads as with one", noThreads), (threads) => {
    const { checkpoint, backend } = train(withThreads(threads));
    expect(backend).toContain(`, ${threads} threads`);
    expect(checkpoint.equals(oneThread)).toBe(true);
  });
});

describe("layers of simd-kernels", () => {
  const onLayer = (layer: string) =>
    train({ config: tiny, epochs: 1, batchSize: 2, environment: { SIMD_KERNELS_LAYER: layer } });

  it.each(["wasm", "typescript"])(
    "%s gives the same bytes again, and the active layer's losses but for rounding",
    (layer) => {
      const run = onLayer(layer);
      expect(run.backend).toContain(`simd: ${layer} kernels`);
      expect(onLayer(layer).checkpoint.equals(run.checkpoint)).toBe(true);

      // Same weights, same batch; float32 sums in another order through some twenty layers.
      const { losses } = onLayer(kernels().layer);
      for (const [term, value] of Object.entries(losses)) {
        expect(Math.abs(run.losses[term] - value)).toBeLessThanOrEqual(1e-4 * Math.abs(value));
      }
    },
  );
});
