import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder that holds `golden/` and `kitti-mini/`: `ELOSS_SHARED`, else `shared` beside the repository. */
const sharedRoot =
  process.env.ELOSS_SHARED ?? join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "..", "shared");

/**
 * Path of a golden file or folder, such as `golden/second` or `kitti-mini`, or `undefined` where it is not on this
 * machine. Real KITTI frames may not be redistributed, so a test that needs them must be able to do without.
 */
export function goldenPath(name: string): string | undefined {
  const path = join(sharedRoot, name);
  return existsSync(path) ? path : undefined;
}

/** Why a test that needs these golden files or folders cannot run here; `undefined` where all are there. */
export function goldenMissing(...names: string[]): string | undefined {
  const missing = names.find((name) => goldenPath(name) === undefined);
  return missing && `${missing} is not on this machine`;
}

/** A strict reading of NumPy's `.npy` format, version 1, little endian, C order. */
export function readNpy(path: string): { readonly shape: number[]; readonly data: Float32Array | Float64Array } {
  const bytes = readFileSync(path);
  const headerLength = bytes.readUInt16LE(8);
  const header = bytes.toString("latin1", 10, 10 + headerLength);
  const descr = /'descr': '<(f[48])'/.exec(header)?.[1];
  const dims = /'shape': \(([^)]*)\)/.exec(header)?.[1];
  if (descr === undefined || dims === undefined || !header.includes("'fortran_order': False")) {
    throw new Error(`readNpy: ${path}: expected little-endian float32 or float64 in C order, got header ${header}`);
  }
  const shape = dims.split(",").flatMap((part) => (part.trim() === "" ? [] : [Number(part)]));
  const body = bytes.buffer.slice(bytes.byteOffset + 10 + headerLength, bytes.byteOffset + bytes.length);
  return { shape, data: descr === "f4" ? new Float32Array(body) : new Float64Array(body) };
}

/** A tensor of a safetensors file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/**
 * Tensors of a safetensors file by name: an 8-byte header length, a JSON header with byte ranges, then the numbers. Reads
 * float32 and int32, and shares no code with the packages under test.
 */
export function readSafetensors(path: string): Map<string, StoredTensor> {
  const bytes = readFileSync(path);
  const body = bytes.byteOffset + 8 + Number(bytes.readBigUInt64LE(0));
  type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] };
  const header: Record<string, Entry> = JSON.parse(bytes.toString("utf8", 8, body - bytes.byteOffset));
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { dtype, shape, data_offsets: range }] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    if (dtype !== "F32" && dtype !== "I32") {
      throw new Error(`readSafetensors: ${path}: expected F32 or I32 for ${name}, got ${dtype}`);
    }
    const numbers = bytes.buffer.slice(body + range[0], body + range[1]);
    tensors.set(name, { shape, data: dtype === "I32" ? new Int32Array(numbers) : new Float32Array(numbers) });
  }
  return tensors;
}
