import { encodeScan, type ImageSize, parseImageSize } from "kitti-io/parse";
import { readPointCloud } from "point-cloud-io";
import type { ScanFile } from "./detector.js";

/** Largest file that is read, in bytes: the longest scan that `kitti-io` takes. */
const MOST_BYTES = 2 ** 28;
/** Endings of scans. LAZ is refused in words by its reader. */
const SCANS = [".bin", ".npy", ".pcd", ".ply", ".las", ".laz"];
/** Intensities up to here may be fractions that overshoot; above they are whole numbers of one of these scales. */
const FRACTIONS = 10;
const WHOLE_SCALES = [255, 65535];
/** Of KITTI's rectified images, where none is given. */
const USUAL_IMAGE: ImageSize = { width: 1242, height: 375 };

/**
 * The scan among files that were dropped together, with its calibration and image where they are among them.
 * @throws Error that says what was expected
 */
export async function scanOfFiles(files: readonly File[]): Promise<ScanFile> {
  const withEnd = (end: string) => files.filter(({ name }) => name.toLowerCase().endsWith(end));
  const [scans, texts, images] = [SCANS.flatMap(withEnd), withEnd(".txt"), withEnd(".png")];
  const others = files.filter((file) => ![...scans, ...texts, ...images].includes(file));
  if (others.length > 0)
    throw new Error(
      `${others[0].name}: expected a scan (${SCANS.join(", ")}), a calibration (.txt) or an image (.png)`,
    );
  if (scans.length !== 1) throw new Error(`expected one scan (${SCANS.join(", ")}), got ${scans.length}`);
  if (texts.length > 1) throw new Error(`expected one calibration (.txt) at most, got ${texts.length}`);
  if (images.length > 1) throw new Error(`expected one image (.png) at most, got ${images.length}`);
  const [scan, calibration, image] = [scans[0], texts[0], images[0]] as (File | undefined)[];
  const imageSize = image === undefined ? USUAL_IMAGE : parseImageSize(await bytesOf(image), image.name);
  return {
    name: scan!.name,
    bytes: await kittiBytes(scan!),
    ...(calibration !== undefined && { calibration: new TextDecoder().decode(await bytesOf(calibration)), imageSize }),
  };
}

async function bytesOf(file: File): Promise<Uint8Array> {
  if (file.size > MOST_BYTES) throw new Error(`${file.name}: expected at most ${MOST_BYTES} bytes, got ${file.size}`);
  return new Uint8Array(await file.arrayBuffer());
}

/** A scan of any format as KITTI has them. Intensities of whole numbers are brought to 0..1; those that a file lacks are 0. */
async function kittiBytes(file: File): Promise<Uint8Array> {
  const bytes = await bytesOf(file);
  if (/\.bin$/i.test(file.name)) return bytes; // the detector reads it
  const { points, columns } = await readPointCloud(bytes, { name: file.name });
  const width = columns.length;
  const hasIntensity = columns[3] === "intensity";
  const scan = new Float32Array((4 * points.length) / width);
  let most = 0;
  for (let i = 0; i < scan.length; i++) {
    const c = i % 4;
    scan[i] = c === 3 && !hasIntensity ? 0 : points[Math.floor(i / 4) * width + c];
    if (c === 3) most = Math.max(most, scan[i]);
  }
  if (most > 1) {
    const scale = WHOLE_SCALES.find((each) => most > FRACTIONS && most <= each) ?? most;
    for (let i = 3; i < scan.length; i += 4) scan[i] /= scale;
  }
  return encodeScan(scan);
}
