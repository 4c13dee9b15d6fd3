import type { Calibration } from "./calibration.js";
import { type Affine, cameraToLidar, lidarToCamera, mapped, wrapAngle } from "./frames.js";
import { imageBoxFromObject } from "./image-box.js";
import type { KittiObject } from "./labels.js";
import type { ImageSize } from "./projection.js";

/**
 * The LiDAR box of a labelled object: [x, y, z, dx, dy, dz, yaw].
 *
 * ```
 *   camera (rectified)        LiDAR                    LiDAR from above
 *
 *        z forward             z up                        x forward, yaw = 0
 *       /                      |  x forward                |
 *      o---- x right           | /                         |   yaw grows to the left
 *      |                y -----o                    y -----o
 *      y down          left                        left, yaw = π/2
 * ```
 *
 * The location, centre of the bottom face, goes through the inverse of R0_rect · Tr_velo_to_cam, then half the height up
 * the LiDAR's z axis. [h, w, l] become dx = l (along the heading), dy = w, dz = h. **yaw = -(rotation_y + π/2)**,
 * wrapped to [-π, π): the sign because y points down and z up, the quarter turn because 0 is the camera's x, which is the
 * LiDAR's -y. This is the field's convention, and exact where the camera stands upright and looks along the LiDAR's x;
 * a small tilt or turn between the sensors (some 0.01 rad in KITTI) moves the location as it must, while boxes stay
 * upright in both frames and the angle is taken over as it is.
 * @returns [7] float64, metres and radians
 * @throws RangeError if the object has no 3D box (DontCare, a negative size) or the calibration cannot be inverted
 */
export function boxFromObject(object: KittiObject, calibration: Calibration): Float64Array {
  return boxesFromObjects([object], calibration);
}

/**
 * The LiDAR boxes of several objects; see {@link boxFromObject}. Row i belongs to object i.
 * @returns [m, 7] float64, metres and radians
 * @throws RangeError if an object has no 3D box: filter out DontCare first
 */
export function boxesFromObjects(objects: readonly KittiObject[], calibration: Calibration): Float64Array {
  const boxes = new Float64Array(7 * objects.length);
  if (objects.length === 0) return boxes;
  const toLidar = cameraToLidar(calibration);
  objects.forEach((object, i) => {
    boxes.set(convert(object, toLidar, i), 7 * i);
  });
  return boxes;
}

function convert({ type, dimensions, location, rotationY }: KittiObject, toLidar: Affine, index: number): number[] {
  const [h, w, l] = dimensions;
  if (type === "DontCare" || !(h >= 0 && w >= 0 && l >= 0)) {
    throw new RangeError(
      `boxesFromObjects: expected objects with a 3D box, got ${type} of size ${dimensions.join(" x ")} at index ${index}; ` +
        "leave DontCare out",
    );
  }
  const [x, y, z] = location;
  return [
    mapped(toLidar, 0, x, y, z),
    mapped(toLidar, 1, x, y, z),
    mapped(toLidar, 2, x, y, z) + h / 2,
    l,
    w,
    h,
    wrapAngle(-(rotationY + Math.PI / 2)),
  ];
}

/** What a box does not say about an object. */
export interface ObjectOptions {
  /** Class name. */
  readonly type: string;
  /** Confidence of a detection. */
  readonly score?: number;
  /** Clips the 2D box to the image; see {@link imageBoxFromObject}. */
  readonly imageSize?: ImageSize;
  /** Default -1, unknown, as results have it. */
  readonly truncated?: number;
  /** Default -1, unknown, as results have it. */
  readonly occluded?: number;
}

/**
 * The object of a LiDAR box, the inverse of {@link boxFromObject}: ready for a label or result file.
 *
 * rotation_y = -yaw - π/2 and alpha = rotation_y - atan2(x, z), both wrapped to [-π, π). The 2D box is that of
 * {@link imageBoxFromObject}; [0, 0, 0, 0] where the object is not in the image.
 * @param box [7] x, y, z, dx, dy, dz, yaw; centre, metres, radians, LiDAR frame; any yaw
 * @throws RangeError if the box has not seven finite numbers or a size is negative
 */
export function objectFromBox(box: ArrayLike<number>, calibration: Calibration, options: ObjectOptions): KittiObject {
  const { type, score, imageSize, truncated = -1, occluded = -1 } = options;
  const [x, y, z, dx, dy, dz, yaw] = Array.from(box);
  if (box.length !== 7 || !Array.from(box).every(Number.isFinite) || dx < 0 || dy < 0 || dz < 0) {
    throw new RangeError(
      `objectFromBox: expected 7 finite numbers with sizes >= 0 for box, got [${Array.from(box).join(", ")}]`,
    );
  }
  const toCamera = lidarToCamera(calibration);
  const bottom = z - dz / 2;
  const location = [0, 1, 2].map((row) => mapped(toCamera, row as 0 | 1 | 2, x, y, bottom)) as [number, number, number];
  const rotationY = wrapAngle(-yaw - Math.PI / 2);
  const solid = { dimensions: [dz, dy, dx] as const, location, rotationY };
  const object: KittiObject = {
    type,
    truncated,
    occluded,
    alpha: wrapAngle(rotationY - Math.atan2(location[0], location[2])),
    bbox: imageBoxFromObject(solid, calibration, imageSize) ?? [0, 0, 0, 0],
    ...solid,
  };
  return score === undefined ? object : { ...object, score };
}
