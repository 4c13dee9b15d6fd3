import { spawnSync } from "node:child_process";
import * as tf from "@tensorflow/tfjs-core";
import { kernels } from "simd-kernels";
import { itUnless } from "test-support";
import type { SimdBackend } from "tfjs-backend-simd";
import { describe, expect, test } from "vitest";
import { BACKENDS, type BackendName, useBackend } from "../src/index.js";

const built = new URL("../dist/index.js", import.meta.url).href;

/** What becomes of a backend in a process of its own: a device, once opened, would keep this one from ending. */
function openElsewhere(name: BackendName, environment: Record<string, string> = {}) {
  const script = `
    const { useBackend } = await import(${JSON.stringify(built)});
    const tf = await import(${JSON.stringify(import.meta.resolve("@tensorflow/tfjs-core"))});
    const report = await useBackend("${name}");
    const slope = tf.grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([1, -2, 3]));
    console.log(JSON.stringify({ ...report, current: tf.getBackend(), slope: [...(await slope.data())] }));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    env: { ...process.env, ...environment },
    timeout: 60_000,
  });
  return { stderr, status, report: status === 0 ? JSON.parse(stdout.trim().split("\n").at(-1)!) : undefined };
}

describe("useBackend", () => {
  test.each(["simd", "cpu"] as const)("%s is everywhere", async (name) => {
    const { backend, description } = await useBackend(name);
    expect(backend).toBe(name);
    expect(description).toMatch(new RegExp(`^${name}: `));
    expect(tf.getBackend()).toBe(name);
    expect(tf.getGradient("Conv2D")).toBeDefined();
  });

  test.each(BACKENDS)("%s computes, or the error says why not and what to do", (name) => {
    const { report, stderr, status } = openElsewhere(name);
    if (status === 0) {
      expect(report).toMatchObject({ backend: name, current: name, slope: [2, -4, 6] });
    } else {
      expect(["tensorflow", "webgpu"]).toContain(name);
      expect(stderr).toContain(`--backend ${name}: `);
      expect(stderr).toContain("Without it, use the default `--backend simd`.");
    }
  });

  const ownDriver = process.platform === "linux" ? undefined : "this system brings its own graphics driver";
  itUnless(ownDriver, "webgpu without a graphics driver is an error, not another backend", () => {
    const nowhere = { VK_DRIVER_FILES: "/nowhere.json", VK_ICD_FILENAMES: "/nowhere.json" };
    const { stderr, status } = openElsewhere("webgpu", nowhere);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/--backend webgpu: (it finds no graphics adapter|the package webgpu does not load)/);
  });

  test("bf16 is in use on simd alone, and where its kernels have instructions for it; the next start is float32 again", async () => {
    const has = kernels().multipliesBfloat16;
    const rounded = await useBackend("simd", { precision: "bf16" });
    expect(rounded.precision).toBe(has ? "bf16" : "float32");
    expect(rounded.notes.some((note) => note.includes("not bf16"))).toBe(!has);
    expect((tf.backend() as SimdBackend).precision).toBe(has ? "bfloat16" : "float32");
    expect(await useBackend("simd")).toMatchObject({ precision: "float32" });
    expect((tf.backend() as SimdBackend).precision).toBe("float32");
    await expect(useBackend("cpu", { precision: "bf16" })).rejects.toThrow(
      "--precision bf16: expected --backend simd, which alone has it; got cpu",
    );
  });

  test("a folder without TensorFlow's runtime is named in the error", async () => {
    await expect(useBackend("tensorflow", { tensorflow: "/nowhere/tfjs-node" })).rejects.toThrow(
      /--backend tensorflow: its runtime is not set up.*\/nowhere\/tfjs-node: Cannot find module/s,
    );
  });
});
