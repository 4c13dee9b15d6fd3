import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseImageSize, readImageSize } from "../src/index.js";
import { inTemporaryFolder, pngHeader } from "./synthetic.js";

const broken = (at: number, byte: number): Uint8Array => {
  const bytes = pngHeader(1242, 375);
  bytes[at] = byte;
  return bytes;
};

describe("parseImageSize", () => {
  it.each([
    [1242, 375],
    [1, 1],
    [0x7fffffff, 65536],
  ])("%i x %i", (width, height) => {
    expect(parseImageSize(pngHeader(width, height))).toEqual({ width, height });
  });

  it.each([
    [new Uint8Array(0), "parseImageSize: i.png: expected a PNG header of 24 bytes, got 0"],
    [pngHeader(5, 5).subarray(0, 23), "parseImageSize: i.png: expected a PNG header of 24 bytes, got 23"],
    [broken(0, 0xff), "parseImageSize: i.png: byte offset 0: expected 137 of a PNG signature, got 255"],
    [broken(5, 0x0d), "parseImageSize: i.png: byte offset 5: expected 10 of a PNG signature, got 13"],
    [broken(12, 0x4a), 'parseImageSize: i.png: byte offset 12: expected the chunk IHDR, got "JHDR"'],
    [pngHeader(0, 5), "i.png: byte offset 16: expected a width and height of 1..2147483647, got 0 x 5"],
    [pngHeader(5, 0x80000000), "got 5 x 2147483648"],
  ])("refuses what is no PNG, %#", (bytes, message) => {
    expect(() => parseImageSize(bytes, "i.png")).toThrow(message);
  });
});

describe("readImageSize", () => {
  it("reads the header alone, of a file of any length", () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, "i.png");
      await writeFile(path, Buffer.concat([pngHeader(1224, 370), new Uint8Array(1e5).fill(7)]));
      expect(await readImageSize(path)).toEqual({ width: 1224, height: 370 });
      const missing = join(folder, "none.png");
      await expect(readImageSize(missing)).rejects.toThrow(
        `readImageSize: ${missing}: expected to read the image, got no such file or folder`,
      );
    }));
});
