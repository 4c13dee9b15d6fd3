import { decode } from "jpeg-js";
import type { ImageSize } from "kitti-io";
import type { RgbImage } from "second-detector";

/** A progressive picture has some ten scans. Each goes through all of its blocks, however few bytes it has. */
const MOST_SCANS = 200;
/** Megapixels, as the caller has checked them before, and megabytes while decoding. */
const LIMITS = { maxResolutionInMP: 34, maxMemoryUsageInMB: 1024 } as const;

/**
 * Decodes a JPEG: grey, colours, and what printers take.
 * @param size of its first header
 * @throws Error if it is faulty, or would take too long
 */
export function decodeJpeg(file: Uint8Array, size: ImageSize): RgbImage {
  const scans = scansIn(file);
  if (scans > MOST_SCANS) throw new Error(`it has ${scans} scans, where at most ${MOST_SCANS} are decoded`);
  const { width, height, data } = decode(file, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    ...LIMITS,
  });
  if (width !== size.width || height !== size.height)
    throw new Error(`it holds a picture of ${width} x ${height}, too`);
  return { width, height, data };
}

/** Beginnings of a scan (SOS): within its data no byte of this kind follows 255. */
function scansIn(file: Uint8Array): number {
  let scans = 0;
  for (let at = file.indexOf(0xff); at >= 0 && at < file.length; at = file.indexOf(0xff, at + 1)) {
    if (file[at + 1] === 0xda) scans += 1;
  }
  return scans;
}
