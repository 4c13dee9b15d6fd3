import { readFileSync } from "node:fs";
import type { LoadedLayer } from "../kernels.js";
import { wasmPath } from "./artifacts.js";
import { wasmLayer, webAssembly } from "./wasm-layer.js";

/**
 * The WebAssembly layer from the package's file.
 * @throws Error if the module was not built or this engine cannot compile it
 */
export function loadWasmFile(): LoadedLayer {
  const bytes = readFileSync(wasmPath());
  const { Module } = webAssembly();
  return wasmLayer(new Module(bytes));
}
