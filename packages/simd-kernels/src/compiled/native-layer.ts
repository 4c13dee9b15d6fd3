import { createRequire } from "node:module";
import type { LoadedLayer } from "../kernels.js";
import { artifactPath, moduleLocation } from "./artifacts.js";
import { checkStatus, compiledLayer, type Invoke, mostSizes, operationCodes } from "./compiled-layer.js";

/** What native/addon.cc exports. */
interface Addon {
  /** usable on this processor, best first */
  readonly instructionSets: readonly string[];
  /** bytes from where an array's data lie to the next cache line */
  bytesToLine(array: Uint8Array): number;
  run(variant: number, threads: number, operation: number, sizes: Float64Array, ...arrays: ArrayBufferView[]): number;
}

/** Bytes of a cache line, and of the longest vector. */
const LINE = 64;

/**
 * The C++ kernels as a Node-API addon.
 * @param instructionSet one of the addon's, default the best that this processor has
 * @throws Error if the addon was not built, does not load or lacks the instruction set
 */
export function loadNativeLayer(threads: number, instructionSet?: string): LoadedLayer {
  const path = artifactPath("native", `simd-kernels-${process.platform}-${process.arch}.node`);
  const addon = createRequire(moduleLocation)(path) as Addon;
  const variant = instructionSet === undefined ? 0 : addon.instructionSets.indexOf(instructionSet);
  if (variant < 0) {
    throw new Error(`expected one of ${addon.instructionSets.join(", ")} for instructionSet, got ${instructionSet}`);
  }
  const room = new Float64Array(mostSizes);
  const invoke: Invoke = (operation, sizes, inputs, outputs) => {
    room.set(sizes);
    checkStatus(addon.run(variant, threads, operation, room, ...inputs, ...outputs), operation);
  };
  const position = new Float64Array(1);
  return {
    operations: compiledLayer(invoke),
    findOutside(indices, low, high) {
      invoke(operationCodes.findOutside, [indices.length, low, high], [indices], [position]);
      return position[0];
    },
    createArray(length) {
      const bytes = new Uint8Array(Float32Array.BYTES_PER_ELEMENT * length + LINE);
      return new Float32Array(bytes.buffer, addon.bytesToLine(bytes), length);
    },
    instructionSet: addon.instructionSets[variant],
    threads,
  };
}
