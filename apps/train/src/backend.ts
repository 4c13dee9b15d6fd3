import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";

export const BACKENDS = ["simd", "cpu", "tensorflow"] as const;
export type BackendName = (typeof BACKENDS)[number];

/** What a backend is really running on, for logs and run folders. */
export interface BackendReport {
  readonly backend: BackendName;
  /** one line for people, such as `simd: native kernels (AVX2), 2 threads` */
  readonly description: string;
  /** why something faster is not in use, one line each */
  readonly notes: readonly string[];
}

/**
 * Makes a TensorFlow.js backend the current one and says what it runs on. Never falls back to another backend.
 *
 * @throws Error if the backend cannot be had, with what to do
 */
export async function useBackend(name: BackendName): Promise<BackendReport> {
  const report = await loadBackend(name);
  if (!(await tf.setBackend(name)) || tf.getBackend() !== name) {
    throw new Error(`--backend ${name}: TensorFlow.js could not start it and is on ${tf.getBackend()}`);
  }
  await tf.ready();
  return report;
}

async function loadBackend(name: BackendName): Promise<BackendReport> {
  if (name === "simd") {
    const { registerSimdBackend } = await import("tfjs-backend-simd");
    const { kernels } = await import("simd-kernels");
    registerSimdBackend();
    const { layer, instructionSet, threads, unavailable } = kernels();
    return {
      backend: name,
      description: `simd: ${layer} kernels (${instructionSet}), ${threads} thread${threads === 1 ? "" : "s"}`,
      notes: unavailable.map(({ layer: missing, reason }) => `the faster ${missing} kernels are not in use: ${reason}`),
    };
  }
  if (name === "cpu") {
    await import("@tensorflow/tfjs-backend-cpu");
    await import("tfjs-backend-simd"); // registers the gradients, which tfjs-core leaves out
    return { backend: name, description: "cpu: TensorFlow.js's plain JavaScript, for checking (very slow)", notes: [] };
  }
  return loadTensorflow();
}

/** TensorFlow's own runtime, with or without a GPU, where it has been set up. */
function loadTensorflow(): BackendReport {
  const require = createRequire(import.meta.url);
  const reasons: string[] = [];
  for (const candidate of ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"]) {
    try {
      require(candidate);
    } catch (error) {
      reasons.push(`${candidate}: ${(error as Error).message.split("\n")[0]}`);
      continue;
    }
    const gpu = (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
    return {
      backend: "tensorflow",
      description: `tensorflow: ${candidate} on ${gpu ? "a GPU" : "the CPU"}`,
      notes: gpu ? [] : ["no GPU is in use by TensorFlow: check the NVIDIA driver and CUDA libraries"],
    };
  }
  throw new Error(
    [
      "--backend tensorflow: its runtime is not set up on this machine.",
      "It is left out of a normal install (hundreds of MB, for NVIDIA GPUs); `pnpm setup:gpu` downloads it.",
      "Without it, use the default `--backend simd`.",
      ...reasons,
    ].join("\n  "),
  );
}
