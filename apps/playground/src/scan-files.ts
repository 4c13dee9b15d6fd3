import { type ImageSize, parseImageSize } from "kitti-io/parse";
import type { ScanFile } from "./detector.js";

/** Largest file that is read, in bytes: the longest scan that `kitti-io` takes. */
const MOST_BYTES = 2 ** 28;
/** Of KITTI's rectified images, where none is given. */
const USUAL_IMAGE: ImageSize = { width: 1242, height: 375 };

/**
 * The scan among files that were dropped together, with its calibration and image where they are among them.
 * @throws Error that says what was expected
 */
export async function scanOfFiles(files: readonly File[]): Promise<ScanFile> {
  const withEnd = (end: string) => files.filter(({ name }) => name.toLowerCase().endsWith(end));
  const [scans, texts, images] = [withEnd(".bin"), withEnd(".txt"), withEnd(".png")];
  const others = files.filter((file) => ![...scans, ...texts, ...images].includes(file));
  if (others.length > 0)
    throw new Error(`${others[0].name}: expected a scan (.bin), a calibration (.txt) or an image (.png)`);
  if (scans.length !== 1) throw new Error(`expected one scan (.bin, as KITTI has them), got ${scans.length}`);
  if (texts.length > 1) throw new Error(`expected one calibration (.txt) at most, got ${texts.length}`);
  if (images.length > 1) throw new Error(`expected one image (.png) at most, got ${images.length}`);
  const [scan, calibration, image] = [scans[0], texts[0], images[0]] as (File | undefined)[];
  const imageSize = image === undefined ? USUAL_IMAGE : parseImageSize(await bytesOf(image), image.name);
  return {
    name: scan!.name,
    bytes: await bytesOf(scan!),
    ...(calibration !== undefined && { calibration: new TextDecoder().decode(await bytesOf(calibration)), imageSize }),
  };
}

async function bytesOf(file: File): Promise<Uint8Array> {
  if (file.size > MOST_BYTES) throw new Error(`${file.name}: expected at most ${MOST_BYTES} bytes, got ${file.size}`);
  return new Uint8Array(await file.arrayBuffer());
}
