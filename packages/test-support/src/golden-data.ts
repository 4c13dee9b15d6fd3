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

/** The suffix that a skipped test puts in its title, so that the report says why it was skipped. */
export function skipNote(name: string): string {
  return goldenPath(name) === undefined ? ` [skipped: ${name} is not on this machine]` : "";
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
