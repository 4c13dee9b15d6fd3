import { quoted } from "checked-text";
import { MAX_FILE_BYTES } from "./file-limits.js";
import { readWhole } from "./files.js";
import type { ImageSize } from "./projection.js";

/** How the names of a camera's images may end, the first that is there first. */
export const IMAGE_ENDINGS = [".png", ".jpg", ".jpeg"] as const;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const PNG_HEADER_BYTES = 24;
/** A JPEG file says its size behind its profiles and its thumbnail, which have 64 KiB a piece. */
const JPEG_HEADER_BYTES = 2 ** 20;

/**
 * Size of a PNG or JPEG image from its header; the pixels are not looked at, nor how a camera was held (EXIF).
 * @param bytes the file, or its beginning: 24 bytes of PNG, of JPEG as far as the frame header
 * @param path for error messages
 * @throws Error with a byte offset if this is neither
 */
export function parseImageSize(bytes: Uint8Array, path?: string): ImageSize {
  const where = path === undefined ? "parseImageSize:" : `parseImageSize: ${path}:`;
  return isJpeg(bytes) ? jpegSize(bytes, where) : pngSize(bytes, where);
}

/** Whether a file begins as a JPEG does. */
function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

function pngSize(bytes: Uint8Array, where: string): ImageSize {
  if (bytes.length < PNG_HEADER_BYTES) {
    throw new Error(`${where} expected a PNG header of ${PNG_HEADER_BYTES} bytes, got ${bytes.length}`);
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

/** ITU T.81, B.1 and B.2: segments of a marker, a length and that many bytes, one of them the frame header. */
function jpegSize(bytes: Uint8Array, where: string): ImageSize {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; ; ) {
    if (at + 4 > bytes.length) throw new Error(`${where} expected a JPEG frame header, got the end after ${at} bytes`);
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff || marker === 0) {
      throw new Error(`${where} byte offset ${at}: expected a JPEG marker, got ${bytes[at]} and ${marker}`);
    }
    const length = view.getUint16(at + 2);
    if (marker === 0xff)
      at += 1; // a filler before the marker
    else if (!isFrameHeader(marker)) at += 2 + length;
    else {
      if (at + 9 > bytes.length)
        throw new Error(`${where} expected a JPEG frame header, got the end after ${at} bytes`);
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      if (width > 0 && height > 0) return { width, height };
      throw new Error(`${where} byte offset ${at + 5}: expected a width and height above 0, got ${width} x ${height}`);
    }
  }
}

/** SOF0 to SOF15 but for DHT, JPG and DAC, which lie between them. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/**
 * Reads the size of a PNG or JPEG file; see {@link parseImageSize}.
 * @throws Error if there is no such file or it is neither
 */
export async function readImageSize(path: string): Promise<ImageSize> {
  const beginning = (limit: number) => readWhole(path, "readImageSize", "the image", MAX_FILE_BYTES.image, limit);
  const bytes = await beginning(PNG_HEADER_BYTES);
  return parseImageSize(isJpeg(bytes) ? await beginning(JPEG_HEADER_BYTES) : bytes, path);
}
