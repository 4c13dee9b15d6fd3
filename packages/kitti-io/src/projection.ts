import type { Calibration } from "./calibration.js";
import { type Affine, lidarToCamera, mapped } from "./frames.js";

/** Where points fall in the left colour image. */
export interface ProjectedPoints {
  /** [n] column, pixels; meaningless (even not finite) where depth is not positive */
  readonly u: Float64Array;
  /** [n] row, pixels; likewise */
  readonly v: Float64Array;
  /** [n] z in the rectified camera frame, metres; negative behind the camera */
  readonly depth: Float64Array;
}

/** Width and height of an image, pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Numbers per point, x, y, z first. Default 4. */
export interface PointOptions {
  readonly stride?: number;
}

/**
 * LiDAR frame → left colour image: P2 · R0_rect · Tr_velo_to_cam as one matrix.
 * @returns [3, 4] row-major, float64: x, y, z, 1 in metres → w·u, w·v, w; u and v in pixels, w near the depth in metres
 */
export function lidarToImage(calibration: Calibration): Affine {
  const [a, b] = [calibration.p2, lidarToCamera(calibration)];
  const out = new Float64Array(12);
  for (let at = 0; at < 12; at += 4) {
    for (let column = 0; column < 4; column++) {
      out[at + column] = a[at] * b[column] + a[at + 1] * b[4 + column] + a[at + 2] * b[8 + column];
    }
    out[at + 3] += a[at + 3];
  }
  return out;
}

/**
 * Projects LiDAR points into the left colour image by P2 · R0_rect · Tr_velo_to_cam, in float64.
 * @param points [n, stride] x, y, z in metres, LiDAR frame, then anything
 * @throws RangeError if the length is no multiple of the stride
 */
export function projectToImage(
  points: ArrayLike<number>,
  calibration: Calibration,
  { stride = 4 }: PointOptions = {},
): ProjectedPoints {
  const n = pointCount("projectToImage", points, stride);
  const toCamera = lidarToCamera(calibration);
  const { p2 } = calibration;
  const [u, v, depth] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  for (let i = 0, p = 0; i < n; i++, p += stride) {
    const x = mapped(toCamera, 0, points[p], points[p + 1], points[p + 2]);
    const y = mapped(toCamera, 1, points[p], points[p + 1], points[p + 2]);
    const z = mapped(toCamera, 2, points[p], points[p + 1], points[p + 2]);
    const w = mapped(p2, 2, x, y, z);
    u[i] = mapped(p2, 0, x, y, z) / w;
    v[i] = mapped(p2, 1, x, y, z) / w;
    depth[i] = z;
  }
  return { u, v, depth };
}

/**
 * The points that the left colour camera sees: 0 <= u < width, 0 <= v < height, depth >= 0, in their order. Encoded, the
 * result has the bytes of the `velodyne_reduced` files that the field's toolboxes make.
 * @param points [n, stride] x, y, z in metres, LiDAR frame, then anything; not changed
 * @returns [k, stride] copies of the rows kept
 * @throws RangeError if the length is no multiple of the stride or the image has no pixel
 */
export function cropToCameraView(
  points: Float32Array,
  calibration: Calibration,
  { width, height, stride = 4 }: ImageSize & PointOptions,
): Float32Array {
  if (!(width > 0) || !(height > 0)) {
    throw new RangeError(`cropToCameraView: expected a positive width and height, got ${width} x ${height}`);
  }
  pointCount("cropToCameraView", points, stride);
  const toCamera = lidarToCamera(calibration);
  const { p2 } = calibration;
  const out = new Float32Array(points.length);
  let length = 0;
  for (let p = 0; p < points.length; p += stride) {
    // As in `projectToImage`, but most points lie outside and need no more than the first of these.
    const z = mapped(toCamera, 2, points[p], points[p + 1], points[p + 2]);
    if (!(z >= 0)) continue;
    const x = mapped(toCamera, 0, points[p], points[p + 1], points[p + 2]);
    const y = mapped(toCamera, 1, points[p], points[p + 1], points[p + 2]);
    const w = mapped(p2, 2, x, y, z);
    const u = mapped(p2, 0, x, y, z) / w;
    if (!(u >= 0 && u < width)) continue;
    const v = mapped(p2, 1, x, y, z) / w;
    if (!(v >= 0 && v < height)) continue;
    for (let c = 0; c < stride; c++) out[length++] = points[p + c];
  }
  return out.slice(0, length);
}

function pointCount(caller: string, points: ArrayLike<number>, stride: number): number {
  if (!Number.isInteger(stride) || stride < 3) {
    throw new RangeError(`${caller}: expected an integer >= 3 for stride, got ${stride}`);
  }
  if (points.length % stride !== 0) {
    throw new RangeError(`${caller}: expected a multiple of ${stride} for the length of points, got ${points.length}`);
  }
  return points.length / stride;
}
