import { describe } from "vitest";
import { type Kernels, type Layer, type LoadOptions, loadKernels } from "../../src/index.js";

interface Candidate {
  readonly name: string;
  readonly layer: Layer;
  readonly options?: LoadOptions;
}

const candidates: readonly Candidate[] = [
  { name: "typescript", layer: "typescript" },
  { name: "wasm", layer: "wasm" },
  { name: "native", layer: "native", options: { threads: 2 } },
  ...(process.arch === "x64"
    ? ["sse2", "avx2", "avx512"].map((instructionSet) => ({
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

/** A suite for each layer and instruction set; those that this machine lacks are skipped and say why. */
export function describeLayers(title: string, suite: (kernels: Kernels, label: string) => void): void {
  for (const { name, layer, options } of candidates) {
    const loaded = tryLayer(layer, options);
    if (typeof loaded === "string")
      describe.skip(`${title}, ${name} [skipped: ${loaded}]`, () => suite(null as never, name));
    else describe(`${title}, ${name}`, () => suite(loaded, name));
  }
}
