import type { PackedImage, ViewerImage } from "./viewer-frame.js";

/** First bytes of the files that browsers show and that cannot hold a script. */
const KINDS: readonly (readonly [kind: string, signature: readonly number[]])[] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
];

/**
 * An image as a data URL.
 * @throws RangeError if it is neither PNG nor JPEG, its size is none, or the projection has not 12 finite numbers
 */
export function packImage({ file, width, height, projection }: ViewerImage): PackedImage {
  const kind = KINDS.find(([, signature]) => signature.every((byte, i) => file[i] === byte))?.[0];
  if (kind === undefined) {
    const start = [...file.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new RangeError(`packImage: expected a PNG or JPEG image, got a file that begins with ${start || "nothing"}`);
  }
  if (!(width >= 1 && height >= 1)) {
    throw new RangeError(`packImage: expected a positive width and height, got ${width} x ${height}`);
  }
  const numbers = Array.from(projection);
  if (numbers.length !== 12 || !numbers.every(Number.isFinite)) {
    throw new RangeError(`packImage: expected 12 finite numbers for projection, got [${numbers.join(", ")}]`);
  }
  const url = `data:${kind};base64,${Buffer.from(file).toString("base64")}`;
  return { url, width, height, projection: numbers };
}
