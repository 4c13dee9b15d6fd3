import type { Calibration, ImageSize } from "kitti-io";

/** KITTI's usual image. */
export const IMAGE_SIZE: ImageSize = { width: 1242, height: 375 };

const FOCAL = 720;
const CENTRE = [609.5, 173] as const;
/** Places of the four cameras to the right of the first, metres. The third is the left colour camera, the one in use. */
const CAMERAS = [0, 0.537, -0.06, 0.473] as const;
/** Where the first camera's origin is in the LiDAR frame, metres: ahead of the sensor and a little below. */
const MOUNT = [0.271, 0.005, -0.08] as const;
/** Turns of the camera against the sensor about its own x, y, z axes, radians: some 0.01, as in KITTI. */
const MOUNT_TURN = [-0.015, 0.008, 0.001] as const;
/** Turns that rectifying adds. */
const RECTIFYING_TURN = [0.0045, -0.008, -0.01] as const;

/**
 * The calibration of the simulated car: KITTI's cameras and mounting up to rounding (focal length 720 px, baseline
 * 0.54 m, the camera 27 cm ahead of the LiDAR, turned by some 0.01 rad), with rotations exact to twelve digits. It belongs to no
 * recording of KITTI.
 */
export function simulatedCalibration(): Calibration {
  const [p0, p1, p2, p3] = CAMERAS.map((right) =>
    inDigits([FOCAL, 0, CENTRE[0], -FOCAL * right, 0, FOCAL, CENTRE[1], 0, 0, 0, 1, 0]),
  );
  // camera x, y, z = LiDAR -y, -z, x, then the small turn
  const turn = rotation(MOUNT_TURN);
  const veloToCam = new Float64Array(12);
  for (let row = 0; row < 3; row++) {
    const axes = [turn[3 * row + 2], -turn[3 * row], -turn[3 * row + 1]];
    veloToCam.set(axes, 4 * row);
    veloToCam[4 * row + 3] = -axes.reduce((sum, axis, k) => sum + axis * MOUNT[k], 0);
  }
  return { p0, p1, p2, p3, r0Rect: inDigits(rotation(RECTIFYING_TURN)), veloToCam: inDigits(veloToCam) };
}

/** Rounded to the digits that KITTI's files have. */
function inDigits(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (value) => Number(value.toExponential(12)) + 0);
}

/** Rx · Ry · Rz, [3, 3] row-major. */
function rotation([x, y, z]: readonly [number, number, number]): Float64Array {
  const [cx, sx, cy, sy, cz, sz] = [x, y, z].flatMap((angle) => [Math.cos(angle), Math.sin(angle)]);
  return Float64Array.of(
    cy * cz,
    -cy * sz,
    sy,
    cx * sz + sx * sy * cz,
    cx * cz - sx * sy * sz,
    -sx * cy,
    sx * sz - cx * sy * cz,
    sx * cz + cx * sy * sz,
    cx * cy,
  );
}
