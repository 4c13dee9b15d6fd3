import { factsOf, findOutside } from "../check-arguments.js";
import { anyPlace, type LoadedLayer } from "../kernels.js";
import { type Operations, operations as table } from "../operations/index.js";
import type { KernelArray } from "../operations/operation.js";
import { checkStatus, compiledLayer, fillSizes, type Invoke, isRead, mostArrays, mostSizes } from "./compiled-layer.js";
import { rowBlocks } from "./row-blocks.js";

/** A compiled module, from any thread. */
export type WasmModule = object;

/** The part of the WebAssembly API in use: Node and browsers have it, TypeScript declares it for browsers only. */
interface WebAssemblyApi {
  compile(bytes: ArrayBuffer): Promise<WasmModule>;
  validate(bytes: Uint8Array): boolean;
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

/**
 * A module of relaxed SIMD, which exports f(x, y) = x·x + y:
 * local.get 0, f32x4.splat, local.get 0, f32x4.splat, local.get 1, f32x4.splat, f32x4.relaxed_madd, f32x4.extract_lane 0.
 */
const multiplyAdd = Uint8Array.from(
  (
    "00 61 73 6d 01 00 00 00 01 07 01 60 02 7d 7d 01 7d 03 02 01 00 07 05 01 01 66 00 00 0a 16 01 14 00 " +
    "20 00 fd 13 20 00 fd 13 20 01 fd 13 fd 85 02 fd 1f 00 0b"
  ).split(" "),
  (byte) => Number.parseInt(byte, 16),
);

/**
 * Whether this engine has relaxed SIMD, and its multiply-add rounds once. Either is allowed, and an engine does the same for
 * as long as it runs, so that one product of which a single rounding leaves something tells of all.
 */
export function fusesMultiplyAdd(): boolean {
  const { validate, Module, Instance } = webAssembly();
  if (!validate(multiplyAdd)) return false;
  const { f } = new Instance(new Module(multiplyAdd)).exports as { f(x: number, y: number): number };
  return f(1 + 2 ** -12, -(1 + 2 ** -11)) !== 0;
}

/** What the module of fused multiply-adds holds: where they are most of the time. */
const fusedNames = [
  ...(["gemm", "conv2d", "conv2dBiasRelu", "conv2dInputGradient", "conv2dFilterGradient"] as const),
  ...(["patchHeads", "scaleShiftRelu"] as const),
  ...(["mappedGemm", "mappedGemmInputGradient", "mappedGemmWeightGradient"] as const),
];

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;
const sizesBytes = aligned(8 * mostSizes);
const pointersBytes = aligned(4 * mostArrays);

/**
 * The C++ kernels as WebAssembly with 128-bit vectors, on one thread. Arrays are copied into the module's memory and
 * results out of it, block by block where rows are independent; the memory grows to the largest call and is reused by the
 * next. What reads or writes little of its arrays stays in TypeScript, where only that moves.
 * @param fused the module of fused multiply-adds, where {@link fusesMultiplyAdd}; has a memory of its own
 */
export function wasmLayer(module: WasmModule, fused?: WasmModule): LoadedLayer {
  const operations = { ...instantiate(module), ...(fused && pick(instantiate(fused), fusedNames)) };
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
    instructionSet: fused ? "simd128fma" : "simd128",
    multipliesBfloat16: false,
    threads: 1,
  };
}

function instantiate(module: WasmModule): Operations {
  const { Instance } = webAssembly();
  return compiledLayer(arenaInvoke(new Instance(module).exports as WasmExports));
}

function pick<T, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
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
