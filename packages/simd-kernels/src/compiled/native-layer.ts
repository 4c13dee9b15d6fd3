import { loadAddon } from "addon-compiler/load";
import { factsOf } from "../check-arguments.js";
import type { LoadedLayer } from "../kernels.js";
import { artifactFolder, moduleLocation, whyMissing } from "./artifacts.js";
import {
  checkStatus,
  compiledLayer,
  compiledOperation,
  fillSizes,
  type Invoke,
  mostArrays,
  mostSizes,
} from "./compiled-layer.js";

/** What native/addon.cc exports. */
interface Addon {
  /** usable on this processor, best first, and behind them those that are taken by name alone */
  readonly instructionSets: readonly string[];
  /** bytes from where an array's data lie to the next cache line */
  bytesToLine(array: Uint8Array): number;
  /**
   * Status of the kernel, or −1 − i where array i is not of the operation's kind, has no memory or another length than
   * `lengths` says.
   */
  run(
    variant: number,
    threads: number,
    operation: number,
    sizes: Float64Array,
    lengths: Float64Array,
    ...arrays: ArrayBufferView[]
  ): number;
}

/** Bytes of a cache line, and of the longest vector. */
const LINE = 64;

/** This package's own build of the addon, else that of the package for this platform; throws why neither can be loaded. */
export function openAddon(): Addon {
  return loadAddon({
    name: "simd-kernels",
    from: moduleLocation,
    folder: artifactFolder(),
    whyMissing: (file) => whyMissing("native", file),
  }) as Addon;
}

/**
 * The C++ kernels as a Node-API addon.
 * @param instructionSet one of the addon's, default the best that this processor has
 * @throws Error if neither is there, they do not load or lacks the instruction set
 */
export function loadNativeLayer(threads: number, instructionSet?: string): LoadedLayer {
  const addon = openAddon();
  const variant = instructionSet === undefined ? 0 : addon.instructionSets.indexOf(instructionSet);
  if (variant < 0) {
    throw new Error(`expected one of ${addon.instructionSets.join(", ")} for instructionSet, got ${instructionSet}`);
  }
  const room = new Float64Array(mostSizes);
  const lengths = new Float64Array(mostArrays);
  const invoke: Invoke = (operation, arrays, sizes) => {
    fillSizes(operation, sizes, room);
    for (let i = 0; i < arrays.length; i++) lengths[i] = factsOf.length(arrays[i]);
    checkStatus(addon.run(variant, threads, operation.code, room, lengths, ...arrays), operation);
  };
  const findOutside = compiledOperation("findOutside", invoke);
  const position = new Float64Array(1);
  return {
    operations: compiledLayer(invoke),
    findOutside(indices, low, high) {
      findOutside(indices, position, { low, high });
      return position[0];
    },
    createArray(length) {
      const bytes = new Uint8Array(Float32Array.BYTES_PER_ELEMENT * length + LINE);
      return new Float32Array(bytes.buffer, addon.bytesToLine(bytes), length);
    },
    instructionSet: addon.instructionSets[variant],
    multipliesBfloat16: ["avx512bf16", "amx"].includes(addon.instructionSets[variant]),
    threads,
  };
}
