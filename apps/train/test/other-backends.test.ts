import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { backendNotWanted, expectClose, itUnless, temporaryFolder } from "test-support";
import { beforeAll, describe, expect } from "vitest";
import { writeTinyScenes } from "./scenes/write-tiny-scenes.js";

const cli = new URL("../dist/cli.js", import.meta.url).pathname;
const tiny = new URL("./fixtures/tiny.yaml", import.meta.url).pathname;

/** Two backends sum float32 in another order through some twenty layers. */
const TOLERANCE = { relative: 1e-4 };

describe.each(["tensorflow", "webgpu"])("eloss train --backend %s", (backend) => {
  const root = temporaryFolder("eloss-backend");
  beforeAll(() => writeTinyScenes(join(root, "data"), { count: 2, seed: 0 }));

  itUnless(backendNotWanted(backend), "takes the step that simd takes", () => {
    const [other, simd] = [backend, "simd"].map((name) => {
      const out = join(root, name);
      const args = ["--data", join(root, "data"), "--config", tiny, "--split", "all", "--epochs", "1", "--out", out];
      const { stderr, status } = spawnSync(
        process.execPath,
        [cli, "train", "--entropy-loss", "--backend", name, ...args],
        {
          encoding: "utf8",
        },
      );
      expect(status, stderr).toBe(0);
      expect(stderr).toContain(`backend ${name}: `);
      return JSON.parse(readFileSync(join(out, "metrics.jsonl"), "utf8").trim());
    });
    for (const term of ["total", "cls", "box", "dir", "entropy"]) {
      expectClose(other.losses[term], simd.losses[term], { ...TOLERANCE, label: term });
    }
  });
});
