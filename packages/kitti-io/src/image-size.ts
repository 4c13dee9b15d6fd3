import { quoted } from "checked-text";
import { MAX_FILE_BYTES } from "./file-limits.js";
import { readWhole } from "./files.js";
import type { ImageSize } from "./projection.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const HEADER_BYTES = 24;

/**
 * Size of a PNG image from its header; the pixels are not looked at.
 * @param bytes the file, or at least its first 24 bytes
 * @param path for error messages
 * @throws Error with a byte offset if this is no PNG
 */
export function parseImageSize(bytes: Uint8Array, path?: string): ImageSize {
  const where = path === undefined ? "parseImageSize:" : `parseImageSize: ${path}:`;
  if (bytes.length < HEADER_BYTES) {
    throw new Error(`${where} expected a PNG header of ${HEADER_BYTES} bytes, got ${bytes.length}`);
  }
  const odd = SIGNATURE.findIndex((byte, i) => bytes[i] !== byte);
  if (odd >= 0) {
    throw new Error(`${where} byte offset ${odd}: expected ${SIGNATURE[odd]} of a PNG signature, got ${bytes[odd]}`);
  }
  const chunk = String.fromCharCode(...bytes.subarray(12, 16));
  if (chunk !== "IHDR") throw new Error(`${where} byte offset 12: expected the chunk IHDR, got ${quoted(chunk)}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width === 0 || height === 0 || width > 0x7fffffff || height > 0x7fffffff) {
    throw new Error(`${where} byte offset 16: expected a width and height of 1..2147483647, got ${width} x ${height}`);
  }
  return { width, height };
}

/**
 * Reads the size of a PNG file; see {@link parseImageSize}.
 * @throws Error if there is no such file or it is no PNG
 */
export async function readImageSize(path: string): Promise<ImageSize> {
  return parseImageSize(await readWhole(path, "readImageSize", "the image", MAX_FILE_BYTES.image, HEADER_BYTES), path);
}
