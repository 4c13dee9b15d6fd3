import * as tf from "@tensorflow/tfjs-core";
import { registerTensorflow } from "./tensorflow-runtime.js";
import { registerWebgpu } from "./webgpu-adapter.js";

export const BACKENDS = ["simd", "cpu", "tensorflow", "webgpu"] as const;
export type BackendName = (typeof BACKENDS)[number];

/** What a backend is really running on, for logs and run folders. */
export interface BackendReport {
  readonly backend: BackendName;
  /** one line for people, such as `simd: native kernels (AVX2), 2 threads` */
  readonly description: string;
  /** why something faster is not in use, one line each */
  readonly notes: readonly string[];
}

/** Options of {@link useBackend}. */
export interface UseBackendOptions {
  /** Folder of a `@tensorflow/tfjs-node` package whose runtime is in place; default: the installed ones. */
  readonly tensorflow?: string;
}

/**
 * Makes a TensorFlow.js backend the current one and says what it runs on. Never falls back to another backend, which
 * TensorFlow.js by itself would do. Registers the gradients, which tfjs-core leaves out.
 *
 * @throws Error if the backend cannot be had, with the reason and what to do
 */
export async function useBackend(name: BackendName, { tensorflow }: UseBackendOptions = {}): Promise<BackendReport> {
  await import("tfjs-backend-simd"); // brings the gradients with it
  const report = await register(name, tensorflow);
  if (!(await tf.setBackend(name)) || tf.getBackend() !== name) {
    throw new Error(`--backend ${name}: TensorFlow.js could not start it and is on ${tf.getBackend()}`);
  }
  await tf.ready();
  return { backend: name, ...report };
}

function register(name: BackendName, tensorflow?: string): Promise<Omit<BackendReport, "backend">> {
  if (name === "simd") return registerSimd();
  if (name === "cpu") return registerCpu();
  return name === "tensorflow" ? registerTensorflow(tensorflow) : registerWebgpu();
}

async function registerSimd() {
  const { registerSimdBackend } = await import("tfjs-backend-simd");
  const { kernels } = await import("simd-kernels");
  registerSimdBackend();
  const { layer, instructionSet, threads, unavailable } = kernels();
  return {
    description: `simd: ${layer} kernels (${instructionSet}), ${threads} thread${threads === 1 ? "" : "s"}`,
    notes: unavailable.map(({ layer: missing, reason }) => `the faster ${missing} kernels are not in use: ${reason}`),
  };
}

async function registerCpu() {
  await import("@tensorflow/tfjs-backend-cpu");
  return { description: "cpu: TensorFlow.js's plain JavaScript, for checking (very slow)", notes: [] };
}
