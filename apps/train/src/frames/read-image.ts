import { constants, inflateSync } from "node:zlib";
import { decode } from "fast-png";
import { type ImageSize, MAX_FILE_BYTES, parseImageSize } from "kitti-io";
import type { RgbImage } from "second-detector";
import { readBytes } from "../system/read-file.js";
import { decodeJpeg } from "./decode-jpeg.js";

/** Pixels of an image at most: 8K. They are counted in the header, before any is decoded. */
const MOST_PIXELS = 7680 * 4320;
/** The first byte of a JPEG file. */
const JPEG = 0xff;
/** Where the header of a PNG has its bits and kind of colour; what follows the signature, and what surrounds a chunk's data. */
const [DEPTH, COLOUR, FIRST_CHUNK, LENGTH_AND_TYPE, CHECKSUM] = [24, 25, 8, 8, 4];
/** Channels of the kinds of colour that are read: red, green, blue, and the same with transparency. */
const CHANNELS: Readonly<Record<number, number>> = { 2: 3, 6: 4 };
/** Adam7 stores a picture in seven passes, and each row of each pass has a byte of its own. */
const PASSES = 7;

/**
 * Decodes an image of the camera: JPEG, or PNG of eight bits for each of red, green and blue, whose transparency is left aside.
 * Takes no more memory than a picture of the size in the header needs, whatever the rest of the file says.
 * @throws Error naming the file, if it is not there, is neither, one of another kind, or one of more than 33 million pixels
 */
export async function readImage(path: string): Promise<RgbImage> {
  return decodeImage(readBytes(path, { what: "an image", most: MAX_FILE_BYTES.image }), path);
}

/** @throws Error as {@link readImage} */
export function decodeImage(file: Uint8Array, path: string): RgbImage {
  const size = parseImageSize(file, path);
  const { width, height } = size;
  if (width * height > MOST_PIXELS) {
    throw new Error(`${path}: expected an image of at most ${MOST_PIXELS} pixels, got ${width} x ${height}`);
  }
  if (file[0] !== JPEG) return decodePng(file, path, size);
  try {
    return decodeJpeg(file, size);
  } catch (cause) {
    throw new Error(`${path}: expected a JPEG image, got a faulty one (${(cause as Error).message})`, { cause });
  }
}

function decodePng(file: Uint8Array, path: string, { width, height }: ImageSize): RgbImage {
  const depth = file[DEPTH];
  const channels = CHANNELS[file[COLOUR]];
  if (depth !== 8 || channels === undefined) {
    throw new Error(
      `${path}: expected 8 bits for each of red, green and blue, got ${depth} bits and colour type ${file[COLOUR]}`,
    );
  }
  try {
    const picture = pictureAlone(file);
    checkInflated(picture.compressed, (channels * width + PASSES) * height + PASSES * PASSES);
    const { data } = decode(picture.file);
    const pixels = data as Uint8Array;
    if (pixels.length !== channels * width * height) throw new Error(`its data have ${pixels.length} numbers`);
    return { width, height, data: channels === 3 ? pixels : withoutAlpha(pixels) };
  } catch (cause) {
    throw new Error(`${path}: expected a PNG image, got a faulty one (${(cause as Error).message})`, { cause });
  }
}

/** The file without what is no picture, such as colour profiles, which may be compressed too; and its compressed data. */
function pictureAlone(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const kept = [file.subarray(0, FIRST_CHUNK)];
  const compressed: Uint8Array[] = [];
  for (let at = FIRST_CHUNK; ; ) {
    if (at + LENGTH_AND_TYPE > file.length) throw new Error("it ends before its last chunk");
    const data = at + LENGTH_AND_TYPE;
    const end = data + view.getUint32(at);
    if (end + CHECKSUM > file.length) throw new Error(`the chunk at byte ${at} reaches past the end`);
    const type = String.fromCharCode(...file.subarray(at + 4, data));
    if (type === "IDAT") compressed.push(file.subarray(data, end));
    if (["IHDR", "IDAT", "IEND"].includes(type)) kept.push(file.subarray(at, end + CHECKSUM));
    if (type === "IEND") return { file: Buffer.concat(kept), compressed: Buffer.concat(compressed) };
    at = end + CHECKSUM;
  }
}

/** @throws Error if data are not compressed, or have more bytes than a picture of the header's size */
function checkInflated(compressed: Uint8Array, most: number): void {
  inflateSync(compressed, { maxOutputLength: most, finishFlush: constants.Z_SYNC_FLUSH });
}

function withoutAlpha(data: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    pixels[to] = data[from];
    pixels[to + 1] = data[from + 1];
    pixels[to + 2] = data[from + 2];
  }
  return pixels;
}
