import { readFileSync } from "node:fs";

/** One tensor of a safetensors file: an 8-byte header length, a JSON header with byte ranges, then the numbers. */
export function readInt32(path: string, name: string): Int32Array {
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const entry = JSON.parse(bytes.toString("utf8", 8, 8 + headerLength))[name];
  if (entry?.dtype !== "I32") throw new Error(`readInt32: ${path}: expected int32 numbers for ${name}`);
  const body = bytes.byteOffset + 8 + headerLength;
  return new Int32Array(bytes.buffer.slice(body + entry.data_offsets[0], body + entry.data_offsets[1]));
}
