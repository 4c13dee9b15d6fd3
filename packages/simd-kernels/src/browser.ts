// The package's entry for browsers: the functions of index.ts without Node's modules. The WebAssembly modules, fetched
// from beside this file, serve every caller; there is no native layer.
import { fusesMultiplyAdd, type WasmModule, wasmLayer, webAssembly } from "./compiled/wasm-layer.js";
import { type Kernels, type Layer, type LoadedLayer, openFastest, openLayer, plainLayer } from "./kernels.js";
import { KernelsInUse } from "./kernels-in-use.js";
import type { KernelObserver } from "./observed-operations.js";

export { mostTapsPerSite } from "./operations/window-pairs.js";

async function fetchModule(url: URL): Promise<WasmModule> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`fetching ${url.href} gave status ${response.status}`);
  return webAssembly().compile(await response.arrayBuffer());
}

/** Bundlers understand these addresses as they stand. */
const besideModule = () =>
  [new URL("./simd-kernels.wasm", import.meta.url), new URL("./simd-kernels-fused.wasm", import.meta.url)] as const;

/** The page has it only while its script is evaluated; a worker has no document, and its script's address as location. */
const { document, location } = globalThis as {
  readonly document?: { readonly currentScript: { readonly src?: string } | null };
  readonly location?: { readonly href: string };
};
const script = document?.currentScript?.src || location?.href;

/** In a bundle that is a classic script, which esbuild makes unless it is told otherwise, there is no `import.meta.url`. */
const besideScript = () => [new URL("simd-kernels.wasm", script), new URL("simd-kernels-fused.wasm", script)] as const;

let loadWasm = (): LoadedLayer => {
  throw new Error("not loaded: `await prepareKernels()` first");
};

/** As in Node; `native` is never available, `wasm`, fused where the engine fuses, once {@link prepareKernels} has loaded it. */
export function loadKernels(layer: Layer): Kernels {
  return openLayer(layer, () => {
    if (layer === "native") throw new Error("a browser runs no addons");
    return layer === "wasm" ? loadWasm() : plainLayer;
  });
}

let ready = false;
const inUse = new KernelsInUse(() => {
  if (!ready) throw new Error("kernels: in a browser expected `await prepareKernels()` before the first use");
  return openFastest(loadKernels);
});

/** The kernels in use in this page or worker; throws Error before {@link prepareKernels} has loaded them. */
export function kernels(): Kernels {
  return inUse.get();
}

/** As in Node; throws Error before {@link prepareKernels} has loaded the kernels. */
export function observeKernels(observer: KernelObserver | undefined): void {
  inUse.observe(observer);
}

async function prepare(): Promise<void> {
  try {
    const [plain, faster] = import.meta.url === undefined ? besideScript() : besideModule();
    const [module, fused] = await Promise.all([
      fetchModule(plain),
      fusesMultiplyAdd() ? fetchModule(faster).catch(() => undefined) : undefined,
    ]);
    loadWasm = () => wasmLayer(module, fused);
  } catch (error) {
    loadWasm = () => {
      throw error;
    };
  }
  ready = true;
}

let preparing: Promise<void> | undefined;

/**
 * Fetches the WebAssembly at the first call; where that fails, falls to TypeScript and `unavailable` says why. Where the engine fuses
 * multiply-adds, it fetches the module of them, too, and does without where that alone is not served.
 */
export async function prepareKernels(): Promise<Kernels> {
  preparing ??= prepare();
  await preparing;
  return kernels();
}
