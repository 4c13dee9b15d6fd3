import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import { repairNodeUtil } from "./repair-node-util.js";

/** Packages that bring TensorFlow's own runtime, fastest first. */
const PACKAGES = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"];

/**
 * Registers the backend `tensorflow`: TensorFlow's own runtime, with or without a GPU, where it has been set up.
 * @param folder of a package to load instead of the installed ones
 * @throws Error that lists why each package does not load
 */
export async function registerTensorflow(folder?: string) {
  const require = createRequire(import.meta.url);
  repairNodeUtil();
  const reasons: string[] = [];
  for (const candidate of folder === undefined ? PACKAGES : [folder]) {
    try {
      require(candidate);
    } catch (error) {
      reasons.push(`${candidate}: ${(error as Error).message.split("\n")[0]}`);
      continue;
    }
    const gpu = (tf.findBackend("tensorflow") as { isUsingGpuDevice?: boolean } | null)?.isUsingGpuDevice === true;
    return {
      description: `tensorflow: ${candidate} on ${gpu ? "a GPU" : "the CPU"}`,
      notes: gpu ? [] : ["no GPU is in use by TensorFlow: check the NVIDIA driver and CUDA libraries"],
    };
  }
  throw new Error(
    [
      "--backend tensorflow: its runtime is not set up on this machine.",
      "It is left out of a normal install (hundreds of MB, for NVIDIA GPUs): `pnpm setup:gpu` in a clone of the repository downloads it,",
      "`npm install @tensorflow/tfjs-node-gpu` beside an installed command.",
      "Without it, use the default `--backend simd`.",
      ...reasons,
    ].join("\n  "),
  );
}
