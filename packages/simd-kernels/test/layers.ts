import { setFlagsFromString } from "node:v8";
import { describeUnless } from "test-support";
import { type Kernels, type Layer, type LoadOptions, loadKernels } from "../src/index.js";

interface Candidate {
  readonly name: string;
  readonly layer: Layer;
  readonly options?: LoadOptions;
}

// Node 20 has relaxed SIMD behind this flag, later versions have it without.
if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");

const candidates: readonly Candidate[] = [
  { name: "typescript", layer: "typescript" },
  { name: "wasm", layer: "wasm" },
  { name: "wasm simd128fma", layer: "wasm", options: { instructionSet: "simd128fma" } },
  { name: "native", layer: "native", options: { threads: 2 } },
  ...(process.arch === "x64"
    ? ["sse2", "avx2", "avx512", "avx512bf16", "amx"].map((instructionSet) => ({
        name: `native ${instructionSet}`,
        layer: "native" as const,
        options: { threads: 1, instructionSet },
      }))
    : []),
];

/** The layer, or the reason why it cannot load here. */
export function tryLayer(layer: Layer, options?: LoadOptions): Kernels | string {
  try {
    return loadKernels(layer, options);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Why one of the layers cannot load here, if so. */
export function whyNot(...layers: readonly (Kernels | string)[]): string | undefined {
  return layers.find((layer) => typeof layer === "string");
}

/** A suite for each layer and instruction set; those that this machine lacks are skipped and say why. */
export function describeLayers(title: string, suite: (kernels: Kernels, label: string) => void): void {
  for (const { name, layer, options } of candidates) {
    const loaded = tryLayer(layer, options);
    describeUnless(whyNot(loaded), `${title}, ${name}`, () => suite(loaded as Kernels, name));
  }
}
