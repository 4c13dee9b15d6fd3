import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where this code runs from: the bundle in dist/, or a source file under src/. */
export const moduleLocation = import.meta.url;

/** Folder of the built kernels: beside the bundle, else dist/ of the package whose source runs. */
export function artifactFolder(): string {
  const here = dirname(fileURLToPath(moduleLocation));
  const folders = [here, join(here, "..", "..", "dist")];
  return folders.find((folder) => existsSync(join(folder, "layers.json"))) ?? here;
}

/** Path of a built WebAssembly module; throws Error with the reason that the build step left if it is not there. */
export function wasmPath(layer: "wasm" | "fused"): string {
  const name = layer === "wasm" ? "simd-kernels.wasm" : "simd-kernels-fused.wasm";
  const path = join(artifactFolder(), name);
  if (existsSync(path)) return path;
  throw new Error(`not built: ${whyMissing(layer, name)}`);
}

/** Why the folder of the built kernels lacks a file: the reason that the build step left, if any. */
export function whyMissing(layer: "native" | "wasm" | "fused", name: string): string {
  try {
    const built = JSON.parse(readFileSync(join(artifactFolder(), "layers.json"), "utf8"))[layer];
    if (built?.built === false) return built.reason;
  } catch {
    // no record of the build: keep the plain reason
  }
  return `${name} is not in the package`;
}
