import * as tf from "@tensorflow/tfjs-core";
import type { SimdBackend } from "tfjs-backend-simd";
import { registerTensorflow } from "./tensorflow-runtime.js";
import { registerWebgpu } from "./webgpu-adapter.js";

export const BACKENDS = ["simd", "cpu", "tensorflow", "webgpu"] as const;
export type BackendName = (typeof BACKENDS)[number];

/** What the layers of a network round the operands of their products to; sums are float32. */
export const PRECISIONS = ["float32", "bf16"] as const;
export type Precision = (typeof PRECISIONS)[number];

/** What a backend is really running on, for logs and run folders. */
export interface BackendReport {
  readonly backend: BackendName;
  /** one line for people, such as `simd: native kernels (AVX2), 2 threads` */
  readonly description: string;
  /** in use, which may be another than was asked for: a note says why */
  readonly precision: Precision;
  /** why something faster is not in use, one line each */
  readonly notes: readonly string[];
}

/** Options of {@link useBackend}. */
export interface UseBackendOptions {
  /** Folder of a `@tensorflow/tfjs-node` package whose runtime is in place; default: the installed ones. */
  readonly tensorflow?: string;
  /** `bf16`: on `simd`, where its kernels have instructions for it; else its products are float32, and a note says so. */
  readonly precision?: Precision;
}

/**
 * Makes a TensorFlow.js backend the current one and says what it runs on. Never falls back to another backend, which
 * TensorFlow.js by itself would do. Registers the gradients, which tfjs-core leaves out.
 *
 * @throws Error if the backend cannot be had, with the reason and what to do, or rounds nothing to bfloat16
 */
export async function useBackend(
  name: BackendName,
  { tensorflow, precision = "float32" }: UseBackendOptions = {},
): Promise<BackendReport> {
  if (precision === "bf16" && name !== "simd") {
    throw new Error(`--precision bf16: expected --backend simd, which alone has it; got ${name}`);
  }
  await import("tfjs-backend-simd"); // brings the gradients with it
  const report = await register(name, tensorflow);
  if (!(await tf.setBackend(name)) || tf.getBackend() !== name) {
    throw new Error(`--backend ${name}: TensorFlow.js could not start it and is on ${tf.getBackend()}`);
  }
  await tf.ready();
  if (name !== "simd") return { backend: name, precision, ...report };
  const { description, notes } = report;
  const used = await setPrecision(precision);
  if (used === "bf16")
    return { backend: name, precision: used, description: `${description}, products of bf16`, notes };
  return { backend: name, precision: used, description, notes: precision === used ? notes : [...notes, NO_BF16] };
}

const NO_BF16 =
  "products are float32, not bf16: these kernels have no instructions for it (the native ones of AVX-512-BF16 do)";

/** Sets the precision of the backend `simd`, which is the current one, as far as its kernels have it. */
async function setPrecision(wanted: Precision): Promise<Precision> {
  const { kernels } = await import("simd-kernels");
  const used = kernels().multipliesBfloat16 ? wanted : "float32";
  (tf.backend() as SimdBackend).precision = used === "bf16" ? "bfloat16" : "float32";
  return used;
}

function register(name: BackendName, tensorflow?: string): Promise<Pick<BackendReport, "description" | "notes">> {
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
