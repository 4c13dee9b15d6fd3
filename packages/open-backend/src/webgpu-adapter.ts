import { findBackendFactory } from "@tensorflow/tfjs-core";

/** The part of WebGPU's API that is used here; Node has no types of its own for it. */
interface Gpu {
  requestAdapter(options?: object): Promise<Adapter | null>;
}

interface Adapter {
  readonly info: { readonly vendor: string; readonly architecture: string; readonly description: string };
}

/** Adapters that compute on the CPU, by what their descriptions contain. */
const SOFTWARE = /llvmpipe|swiftshader|software|basic render/i;

let adapterName: string | undefined;

/**
 * Registers the backend `webgpu` on Dawn (package `webgpu`), where it finds a graphics adapter. TensorFlow.js looks for
 * `navigator.gpu` when its package is loaded and asks it for a device when the backend starts.
 * @throws Error if the package or an adapter is missing: TensorFlow.js alone would go on with another backend
 */
export async function registerWebgpu() {
  adapterName ??= await provideGpu();
  if (findBackendFactory("webgpu") == null) await import("@tensorflow/tfjs-backend-webgpu");
  return {
    description: `webgpu: ${adapterName}`,
    notes: SOFTWARE.test(adapterName) ? ["this adapter computes on the CPU: for checking, slow"] : [],
  };
}

/** Puts WebGPU's globals in place and returns the name of the adapter. */
async function provideGpu(): Promise<string> {
  let gpu: Gpu;
  try {
    const dawn = await import("webgpu");
    Object.assign(globalThis, dawn.globals);
    gpu = dawn.create([]) as unknown as Gpu;
  } catch (error) {
    throw unavailable(
      `the package webgpu does not load; \`npm install webgpu @tensorflow/tfjs-backend-webgpu\` brings it (${(error as Error).message.split("\n")[0]})`,
      error,
    );
  }
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) throw unavailable("it finds no graphics adapter");
  Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true, writable: true });
  const { vendor, architecture, description } = adapter.info;
  return description || `${vendor} ${architecture}`.trim() || "an adapter without a name";
}

function unavailable(reason: string, cause?: unknown): Error {
  return new Error(
    [
      `--backend webgpu: ${reason}.`,
      "It needs a graphics driver for Vulkan, Metal or Direct3D 12; see docs/backends.md.",
      "Without it, use the default `--backend simd`.",
    ].join("\n  "),
    { cause },
  );
}
