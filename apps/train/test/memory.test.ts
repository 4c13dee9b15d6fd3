import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "test-support";
import { expect, it } from "vitest";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const tiny = fileURLToPath(new URL("./fixtures/tiny.yaml", import.meta.url));

/**
 * How much more memory steps 251 to 300 may take than steps 51 to 100, in bytes. Late compiled code and fragments of the
 * heap took 2 to 3 MiB when measured; 80 KiB a step, some maps of the backbone, would go beyond it.
 */
const MARGIN = 16 * 2 ** 20;

const root = temporaryFolder("eloss-memory");

it("takes no more memory in 300 steps than in 100", async () => {
  const data = join(root, "data");
  await writeTinyScenes(data, { count: 4, seed: 0 });
  const options = { data, split: "all", config: tiny, epochs: 75, "batch-size": 1, out: join(root, "run") };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  // A small heap, so that garbage is collected before it can look like a leak.
  const limits = ["--max-semi-space-size=2", "--max-old-space-size=128"];
  const { stderr, status } = spawnSync(process.execPath, [...limits, cli, "train", "--entropy-loss", ...args], {
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  const memory = readFileSync(join(root, "run", "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).memory as Record<"tensors" | "tensorBytes" | "residentBytes", number>);

  expect(memory.length).toBe(300);
  expect(new Set(memory.map(({ tensors }) => tensors)).size).toBe(1);
  expect(new Set(memory.map(({ tensorBytes }) => tensorBytes)).size).toBe(1);
  const most = (from: number, to: number) =>
    Math.max(...memory.slice(from, to).map(({ residentBytes }) => residentBytes));
  expect(most(250, 300) - most(50, 100)).toBeLessThan(MARGIN);
}, 300_000);
