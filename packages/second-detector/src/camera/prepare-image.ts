import { bilinearTaps } from "./axis-taps.js";
import type { ImageBounds, ImageConfig } from "./camera-config.js";

/** A decoded image. */
export interface RgbImage {
  /** [height, width, 3] red, green, blue, 0..255 */
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** An image as the network takes it. */
export interface PreparedImage {
  /** [height, width, 3] normalised, channels in the configuration's order */
  readonly pixels: Float32Array;
  readonly width: number;
  readonly height: number;
  /**
   * Where pixel (u, v) of the decoded image has gone: (x.factor·u + x.offset, y.factor·v + y.offset). Whole numbers are
   * the centres of pixels, on both sides.
   */
  readonly x: AxisMap;
  readonly y: AxisMap;
}

/** factor·t + offset */
export interface AxisMap {
  readonly factor: number;
  readonly offset: number;
}

/** Options of {@link prepareImage}. */
export interface PrepareImageOptions {
  /** Default that of inference, `testSize`. */
  readonly size?: ImageBounds;
  /** Left and right change places, for a scan whose y axis was mirrored; default false. */
  readonly mirrored?: boolean;
}

/**
 * Resizes an image to the largest size within bounds, its ratio kept, and normalises it: (value − mean) / deviation.
 *
 * Sides are ⌊n·scale + ½⌋ with the largest scale for which both bounds hold. Bilinear with half-pixel centres and without
 * smoothing, as OpenCV's `INTER_LINEAR`, which rounds the result to whole grey levels; this does not.
 * @throws RangeError if the data do not fit the size
 */
export function prepareImage(
  image: RgbImage,
  config: ImageConfig,
  { size = config.testSize, mirrored = false }: PrepareImageOptions = {},
): PreparedImage {
  const { width, height } = image;
  if (!(width >= 1 && height >= 1) || image.data.length !== 3 * width * height) {
    throw new RangeError(
      `prepareImage: expected ${width} × ${height} × 3 numbers for image.data, got ${image.data.length}`,
    );
  }
  const [longest, shortest] = size;
  const scale = Math.min(longest / Math.max(width, height), shortest / Math.min(width, height));
  const resized = {
    width: Math.max(1, Math.floor(width * scale + 0.5)),
    height: Math.max(1, Math.floor(height * scale + 0.5)),
  };
  const factors = { x: resized.width / width, y: resized.height / height };
  const x = { factor: factors.x, offset: 0.5 * factors.x - 0.5 };
  return {
    pixels: resizeNormalised(image, resized, { ...config, mirrored }),
    ...resized,
    x: mirrored ? { factor: -x.factor, offset: resized.width - 1 - x.offset } : x,
    y: { factor: factors.y, offset: 0.5 * factors.y - 0.5 },
  };
}

function resizeNormalised(
  { data, width, height }: RgbImage,
  out: { readonly width: number; readonly height: number },
  { order, mean, deviation, mirrored }: Pick<ImageConfig, "order" | "mean" | "deviation"> & { mirrored: boolean },
): Float32Array {
  const columns = bilinearTaps(width, out.width);
  const rows = bilinearTaps(height, out.height);
  const source = order === "rgb" ? [0, 1, 2] : [2, 1, 0];
  const pixels = new Float32Array(3 * out.width * out.height);
  for (let y = 0, at = 0; y < out.height; y++) {
    const [top, bottom, down] = [3 * width * rows.first[y], 3 * width * rows.second[y], rows.share[y]];
    for (let i = 0; i < out.width; i++) {
      const x = mirrored ? out.width - 1 - i : i;
      const [left, right, across] = [3 * columns.first[x], 3 * columns.second[x], columns.share[x]];
      for (let channel = 0; channel < 3; channel++) {
        const c = source[channel];
        const upper = data[top + left + c] * (1 - across) + data[top + right + c] * across;
        const lower = data[bottom + left + c] * (1 - across) + data[bottom + right + c] * across;
        pixels[at++] = (upper * (1 - down) + lower * down - mean[channel]) / deviation[channel];
      }
    }
  }
  return pixels;
}
