import { factsOf, findOutside } from "../check-arguments.js";
import { anyPlace, type LoadedLayer } from "../kernels.js";
import { operations as table } from "../operations/index.js";
import type { KernelArray } from "../operations/operation.js";
import { checkStatus, compiledLayer, fillSizes, type Invoke, isRead, mostArrays, mostSizes } from "./compiled-layer.js";
import { rowBlocks } from "./row-blocks.js";

/** A compiled module, from any thread. */
export type WasmModule = object;

/** The part of the WebAssembly API in use: Node and browsers have it, TypeScript declares it for browsers only. */
interface WebAssemblyApi {
  compile(bytes: ArrayBuffer): Promise<WasmModule>;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule) => { readonly exports: unknown };
}

/** The engine's WebAssembly; throws Error where there is none. */
export function webAssembly(): WebAssemblyApi {
  const { WebAssembly } = globalThis as unknown as { WebAssembly?: WebAssemblyApi };
  if (!WebAssembly) throw new Error("this engine has no WebAssembly");
  return WebAssembly;
}

/** What native/wasm.cc exports. */
interface WasmExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** address of that many bytes, 0 when memory cannot grow so far; gives up all that was reserved before */
  reserve(bytes: number): number;
  run(operation: number, sizes: number, arrays: number): number;
}

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;
const sizesBytes = aligned(8 * mostSizes);
const pointersBytes = aligned(4 * mostArrays);

/**
 * The C++ kernels as WebAssembly with 128-bit vectors, on one thread. Arrays are copied into the module's memory and
 * results out of it, block by block where rows are independent; the memory grows to the largest call and is reused by the
 * next. What reads or writes little of its arrays stays in TypeScript, where only that moves.
 */
export function wasmLayer(module: WasmModule): LoadedLayer {
  const { Instance } = webAssembly();
  const operations = compiledLayer(arenaInvoke(new Instance(module).exports as WasmExports));
  const moving = {
    gatherRows: table.gatherRows.plain,
    copyColumns: table.copyColumns.plain,
    copy: table.copy.plain,
    boundedNeighbours: table.boundedNeighbours.plain,
  };
  return {
    operations: { ...operations, ...rowBlocks(operations), ...moving },
    findOutside,
    createArray: anyPlace,
    instructionSet: "simd128",
    multipliesBfloat16: false,
    threads: 1,
  };
}

function arenaInvoke(wasm: WasmExports): Invoke {
  const bytesAt = (address: number, length: number) => new Uint8Array(wasm.memory.buffer, address, length);
  const bytesOf = (array: KernelArray) =>
    new Uint8Array(factsOf.buffer(array), factsOf.byteOffset(array), factsOf.byteLength(array));

  return (operation, arrays, sizes) => {
    const offsets: number[] = [];
    let total = sizesBytes + pointersBytes;
    for (let i = 0; i < arrays.length; i++) {
      const first = arrays.indexOf(arrays[i]); // what is given twice, as input and as output, is kept once
      offsets.push(first < i ? offsets[first] : total);
      if (first === i) total += aligned(factsOf.byteLength(arrays[i]));
    }
    const start = wasm.reserve(total) >>> 0;
    if (start === 0) {
      throw new Error(`${operation.name}: expected arrays that fit in the 4 GiB of WebAssembly, got ${total} bytes`);
    }
    fillSizes(operation, sizes, new Float64Array(wasm.memory.buffer, start, mostSizes));
    const pointers = new Uint32Array(wasm.memory.buffer, start + sizesBytes, arrays.length);
    for (let i = 0; i < arrays.length; i++) {
      pointers[i] = start + offsets[i];
      if (isRead(operation, i, sizes)) bytesAt(pointers[i], factsOf.byteLength(arrays[i])).set(bytesOf(arrays[i]));
    }
    checkStatus(wasm.run(operation.code, start, start + sizesBytes), operation);
    // Views anew: the kernel may have grown the memory, which detaches older ones.
    for (let i = 0; i < arrays.length; i++) {
      if (operation.arrays[i].access === "input") continue;
      bytesOf(arrays[i]).set(bytesAt(start + offsets[i], factsOf.byteLength(arrays[i])));
    }
  };
}
