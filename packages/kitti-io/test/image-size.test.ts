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

/** A JPEG as far as its size: a profile and a thumbnail of 60 000 bytes, tables, then a frame header. */
function jpegStart(width: number, height: number, frame = 0xc0): Uint8Array {
  const segment = (marker: number, length: number) => [0xff, marker, (length + 2) >> 8, (length + 2) & 255];
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  const start = [0xff, 0xd8, ...segment(0xe1, 60_000), ...new Array(60_000).fill(0xff), 0xff, ...segment(0xc4, 1), 7];
  return Uint8Array.from([...start, ...segment(frame, 15), 8, ...size, 3, ...new Array(9).fill(1)]);
}

describe("JPEG", () => {
  it.each([0xc0, 0xc1, 0xc2, 0xcf])("the size stands in the frame header %i, whatever is before it", (frame) => {
    expect(parseImageSize(jpegStart(1920, 1080, frame))).toEqual({ width: 1920, height: 1080 });
  });

  it("is refused in words where it has none, no size, or ends", () => {
    const good = jpegStart(640, 480);
    expect(() => parseImageSize(good.subarray(0, 100), "i.jpg")).toThrow(
      "i.jpg: expected a JPEG frame header, got the end",
    );
    expect(() => parseImageSize(good.subarray(0, good.length - 12), "i.jpg")).toThrow(
      "i.jpg: expected a JPEG frame header",
    );
    expect(() => parseImageSize(jpegStart(640, 0), "i.jpg")).toThrow("a width and height above 0, got 640 x 0");
    expect(() => parseImageSize(Uint8Array.of(0xff, 0xd8, 0xff, 0, 0, 2, 9, 9), "i.jpg")).toThrow(
      "i.jpg: byte offset 2: expected a JPEG marker, got 255 and 0",
    );
  });

  it("is read from a file beyond its thumbnail", () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, "i.jpg");
      await writeFile(path, Buffer.concat([jpegStart(1224, 370), new Uint8Array(1e5)]));
      expect(await readImageSize(path)).toEqual({ width: 1224, height: 370 });
    }));
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
