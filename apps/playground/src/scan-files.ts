import { encodeScan, type ImageSize, lidarToImage, parseCalibration } from "kitti-io/parse";
import { readPointCloud } from "point-cloud-io";
import type { PackedImage } from "report-page/browser";
import type { ScanFile } from "./detector.js";

/** Largest file that is read, in bytes: the longest scan that `kitti-io` takes. */
const MOST_BYTES = 2 ** 28;
/** Endings of scans. */
const SCANS = [".bin", ".npy", ".pcd", ".ply", ".las", ".laz"];
const IMAGES = [".png", ".jpg", ".jpeg"];
/** Intensities up to here may be fractions that overshoot; above they are whole numbers of one of these scales. */
const FRACTIONS = 10;
const WHOLE_SCALES = [255, 65535];
/** Of KITTI's rectified images, where none is given. */
const USUAL_IMAGE: ImageSize = { width: 1242, height: 375 };

/** What was opened: what the detector looks at, and what people look at beside it. */
export interface OpenedScan {
  readonly scan: ScanFile;
  /** null: there is none */
  readonly picture: PackedImage | null;
}

/**
 * The scan among files that were dropped together, with its calibration and image where they are among them.
 * @throws Error that says what was expected
 */
export async function scanOfFiles(files: readonly File[]): Promise<OpenedScan> {
  const withEnds = (ends: readonly string[]) =>
    files.filter(({ name }) => ends.some((end) => name.toLowerCase().endsWith(end)));
  const [scans, texts, images] = [withEnds(SCANS), withEnds([".txt"]), withEnds(IMAGES)];
  const others = files.filter((file) => ![...scans, ...texts, ...images].includes(file));
  const image = `an image (${IMAGES.join(", ")})`;
  if (others.length > 0)
    throw new Error(`${others[0].name}: expected a scan (${SCANS.join(", ")}), a calibration (.txt) or ${image}`);
  if (scans.length !== 1) throw new Error(`expected one scan (${SCANS.join(", ")}), got ${scans.length}`);
  if (texts.length > 1) throw new Error(`expected one calibration (.txt) at most, got ${texts.length}`);
  if (images.length > 1) throw new Error(`expected one ${image.slice(3)} at most, got ${images.length}`);
  const [file] = scans;
  const calibration = texts.length === 0 ? undefined : new TextDecoder().decode(await bytesOf(texts[0]));
  const shown = images.length === 0 ? undefined : await openImage(images[0]);
  const imageSize: ImageSize = shown === undefined ? USUAL_IMAGE : { width: shown.width, height: shown.height };
  return {
    scan: {
      name: file.name,
      bytes: await kittiBytes(file),
      ...(calibration !== undefined && { calibration, imageSize }),
    },
    picture: shown === undefined ? null : pictureOf(shown, calibration),
  };
}

/** An image with the place of the scan in it; without a calibration nobody knows that. @throws Error for a faulty one */
export function pictureOf(image: Omit<PackedImage, "projection">, calibration: string | undefined): PackedImage {
  if (calibration === undefined) return { ...image, projection: null };
  return { ...image, projection: [...lidarToImage(parseCalibration(calibration, "calibration"))] };
}

/** @throws Error if the browser cannot show it */
async function openImage(file: File): Promise<Omit<PackedImage, "projection">> {
  const kind = /\.png$/i.test(file.name) ? "image/png" : "image/jpeg";
  const url = URL.createObjectURL(new Blob([await bytesOf(file)], { type: kind }));
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch (cause) {
    URL.revokeObjectURL(url);
    throw new Error(`${file.name}: expected a PNG or JPEG image, got a file that this browser cannot show`, { cause });
  }
  return { url, width: image.naturalWidth, height: image.naturalHeight };
}

async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer>> {
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
