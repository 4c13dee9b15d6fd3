import type { PreparedImage } from "./prepare-image.js";
import type { MapSamples } from "./sample-map.js";

/** What the camera of one frame gives. */
export interface CameraFrame {
  readonly image: PreparedImage;
  /**
   * [3, 4] row-major: (x, y, z, 1) of the scan as the network gets it, metres, LiDAR frame → homogeneous pixel of the
   * decoded image, (u·d, v·d, d) with depth d in metres. For an augmented scan it undoes the augmentation first.
   */
  readonly lidarToImage: Float64Array;
}

/** Centres of the cells of a bird's-eye view, at one height; metres, LiDAR frame. */
export interface CellCentres {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  readonly z: number;
}

/** The map that features are taken from. */
export interface FeatureMap {
  readonly height: number;
  readonly width: number;
  /** Pixels from one place to the next; place 0 is centred on pixel 0. */
  readonly stride: number;
}

/**
 * Bilinear samples of the cameras' feature maps at the pixels that show the centre of each cell; none for a cell that a
 * camera does not see.
 */
export function projectCells(cameras: readonly CameraFrame[], cells: CellCentres, map: FeatureMap): MapSamples {
  const places = new Int32Array(cameras.length * cells.ys.length * cells.xs.length * 4);
  const samples = { places, weights: new Float32Array(places.length) };
  let at = 0;
  cameras.forEach((frame, i) => {
    for (const y of cells.ys) {
      for (const x of cells.xs) {
        const pixel = pixelOf(frame, x, y, cells.z);
        if (pixel !== undefined) setSample(samples, at, { ...pixel, map, firstRow: i * map.height });
        at += 4;
      }
    }
  });
  return samples;
}

/** Pixel of the prepared image that shows a point; none if the point is behind the camera or out of the image. */
function pixelOf({ image, lidarToImage: m }: CameraFrame, x: number, y: number, z: number) {
  const depth = m[8] * x + m[9] * y + m[10] * z + m[11];
  if (!(depth > 0)) return undefined;
  const u = image.x.factor * ((m[0] * x + m[1] * y + m[2] * z + m[3]) / depth) + image.x.offset;
  const v = image.y.factor * ((m[4] * x + m[5] * y + m[6] * z + m[7]) / depth) + image.y.offset;
  return u >= 0 && u <= image.width - 1 && v >= 0 && v <= image.height - 1 ? { u, v } : undefined;
}

interface Sample {
  readonly u: number;
  readonly v: number;
  readonly map: FeatureMap;
  /** rows of the maps of frames before this one */
  readonly firstRow: number;
}

/** The four places around a pixel and their bilinear weights, from entry `at` on. */
function setSample({ places, weights }: MapSamples, at: number, { u, v, map, firstRow }: Sample): void {
  const [column, row] = [u / map.stride, v / map.stride];
  const [left, top] = [Math.floor(column), Math.floor(row)];
  const [right, bottom] = [Math.min(left + 1, map.width - 1), Math.min(top + 1, map.height - 1)];
  const [across, down] = [column - left, row - top];
  const [upper, lower] = [(firstRow + top) * map.width, (firstRow + bottom) * map.width];
  places.set([upper + left, upper + right, lower + left, lower + right], at);
  weights.set([(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across], at);
}
