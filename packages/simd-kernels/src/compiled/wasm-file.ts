import { readFileSync } from "node:fs";
import type { LoadedLayer } from "../kernels.js";
import { wasmPath } from "./artifacts.js";
import { fusesMultiplyAdd, type WasmModule, wasmLayer, webAssembly } from "./wasm-layer.js";

const instructionSets = ["simd128", "simd128fma"];

/**
 * The WebAssembly layer from the package's files. Fused multiply-adds only for who names them: in Node the layer has the same
 * bits in every version and on every processor.
 * @param instructionSet one of {@link instructionSets}
 * @throws Error if a module was not built, or this engine cannot compile or fuse
 */
export function loadWasmFile(instructionSet = "simd128"): LoadedLayer {
  if (!instructionSets.includes(instructionSet)) {
    throw new Error(`expected one of ${instructionSets.join(", ")} for instructionSet, got ${instructionSet}`);
  }
  if (instructionSet === "simd128") return wasmLayer(compiled("wasm"));
  if (!fusesMultiplyAdd()) throw new Error("this engine has no relaxed SIMD whose multiply-add rounds once");
  return wasmLayer(compiled("wasm"), compiled("fused"));
}

function compiled(layer: "wasm" | "fused"): WasmModule {
  const { Module } = webAssembly();
  return new Module(readFileSync(wasmPath(layer)));
}
