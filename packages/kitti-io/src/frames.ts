import type { Calibration } from "./calibration.js";

/** A rigid or affine map [3, 4], row-major: p → A p + t. */
export type Affine = Float64Array;

/**
 * LiDAR frame → rectified camera frame: R0_rect · Tr_velo_to_cam.
 * @returns [3, 4] row-major, float64, metres
 */
export function lidarToCamera(calibration: Calibration): Affine {
  const { r0Rect: r, veloToCam: t } = calibration;
  const out = new Float64Array(12);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 4; column++) {
      out[4 * row + column] = r[3 * row] * t[column] + r[3 * row + 1] * t[4 + column] + r[3 * row + 2] * t[8 + column];
    }
  }
  return out;
}

/**
 * Rectified camera frame → LiDAR frame: the inverse of {@link lidarToCamera}. A true inverse, not a transpose: the
 * rotations in KITTI's files have seven digits and are orthogonal to about 1e-7 only.
 * @returns [3, 4] row-major, float64, metres
 * @throws RangeError if the calibration's rotation cannot be inverted
 */
export function cameraToLidar(calibration: Calibration): Affine {
  const m = lidarToCamera(calibration);
  const cofactor = (r: number, c: number): number => {
    const [r1, r2, c1, c2] = [(r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3];
    return m[4 * r1 + c1] * m[4 * r2 + c2] - m[4 * r1 + c2] * m[4 * r2 + c1];
  };
  const determinant = m[0] * cofactor(0, 0) + m[1] * cofactor(0, 1) + m[2] * cofactor(0, 2);
  if (!(Math.abs(determinant) > 1e-6)) {
    throw new RangeError(
      `cameraToLidar: expected an invertible R0_rect · Tr_velo_to_cam for calibration, got determinant ${determinant}`,
    );
  }
  const out = new Float64Array(12);
  for (let r = 0; r < 3; r++) {
    for (let c = 0; c < 3; c++) out[4 * r + c] = cofactor(c, r) / determinant;
    out[4 * r + 3] = -(out[4 * r] * m[3] + out[4 * r + 1] * m[7] + out[4 * r + 2] * m[11]);
  }
  return out;
}

/** One coordinate (row 0, 1 or 2) of the image of (x, y, z). */
export function mapped(m: Affine, row: 0 | 1 | 2, x: number, y: number, z: number): number {
  const at = 4 * row;
  return m[at] * x + m[at + 1] * y + m[at + 2] * z + m[at + 3];
}

/** An angle in radians, moved by whole turns into [-π, π). */
export function wrapAngle(angle: number): number {
  const wrapped = angle - 2 * Math.PI * Math.floor((angle + Math.PI) / (2 * Math.PI));
  // rounding can leave the result on the far end
  return wrapped >= Math.PI ? wrapped - 2 * Math.PI : Math.max(wrapped, -Math.PI);
}
