import { readFileSync } from "node:fs";
import type { LoadedLayer } from "../kernels.js";
import { artifactPath } from "./artifacts.js";
import { wasmLayer, webAssembly } from "./wasm-layer.js";

/**
 * The WebAssembly layer from the package's file.
 * @throws Error if the module was not built or this engine cannot compile it
 */
export function loadWasmFile(): LoadedLayer {
  const bytes = readFileSync(artifactPath("wasm", "simd-kernels.wasm"));
  const { Module } = webAssembly();
  return wasmLayer(new Module(bytes));
}
