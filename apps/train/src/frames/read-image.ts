import { readFile } from "node:fs/promises";
import { decode } from "fast-png";
import type { RgbImage } from "second-detector";

/**
 * Decodes an image of the camera: PNG, eight bits for each of red, green and blue; transparency is left aside.
 * @throws Error naming the file, if it is not there, is no PNG or one of another kind
 */
export async function readImage(path: string): Promise<RgbImage> {
  const { width, height, channels, depth, data } = await decodeFile(path);
  if (depth !== 8 || (channels !== 3 && channels !== 4)) {
    throw new Error(
      `${path}: expected 8 bits for each of red, green and blue, got ${depth} bits in ${channels} channels`,
    );
  }
  return { width, height, data: channels === 3 ? (data as Uint8Array) : withoutAlpha(data as Uint8Array) };
}

async function decodeFile(path: string) {
  try {
    return decode(await readFile(path));
  } catch (cause) {
    throw new Error(`${path}: expected a PNG image: ${(cause as Error).message}`, { cause });
  }
}

function withoutAlpha(data: Uint8Array): Uint8Array {
  return data.filter((_, i) => i % 4 !== 3);
}
