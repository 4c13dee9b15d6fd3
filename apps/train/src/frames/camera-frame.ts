import { type Affine, type Calibration, lidarToImage } from "kitti-io";
import type { GlobalTransform } from "lidar-augment";
import { type CameraConfig, type CameraFrame, type ImageBounds, prepareImage, type RgbImage } from "second-detector";

/** A change of the whole scene that leaves it as it is. */
const UNCHANGED: GlobalTransform = { mirrored: false, angle: 0, factor: 1, offset: [0, 0, 0], slope: [0, 0] };

/** What {@link cameraFrame} makes a camera from. */
export interface CameraSource {
  readonly image: RgbImage;
  readonly calibration: Calibration;
  readonly config: CameraConfig;
  /** Default: that of inference. */
  readonly size?: ImageBounds;
  /** How the scan was changed: the image is mirrored with it; turns, scales, moves and slopes are undone by the projection. */
  readonly transform?: GlobalTransform;
}

/** The camera of a frame as the network takes it. */
export function cameraFrame({ image, calibration, config, size, transform = UNCHANGED }: CameraSource): CameraFrame {
  return {
    image: prepareImage(image, config.image, { mirrored: transform.mirrored, ...(size && { size }) }),
    lidarToImage: compose(lidarToImage(calibration), inverseOf(transform)),
  };
}

/** Bounds of a training image: whole numbers, drawn between those of the configuration. */
export function drawImageBounds({ image }: CameraConfig, rng: () => number): ImageBounds {
  const [smallest, largest] = image.trainSizes;
  const between = (side: 0 | 1) => smallest[side] + Math.floor(rng() * (largest[side] - smallest[side] + 1));
  return [between(0), between(1)];
}

/** [3, 4] changed scene → unchanged one. */
function inverseOf({ mirrored, angle, factor, offset: [x, y, z], slope: [a, b] }: GlobalTransform): Affine {
  const [cos, sin] = [Math.cos(angle) / factor, Math.sin(angle) / factor];
  const sign = mirrored ? -1 : 1;
  return Float64Array.of(
    ...[cos, sin, 0, -cos * x - sin * y],
    ...[-sign * sin, sign * cos, 0, sign * (sin * x - cos * y)],
    ...[-a / factor, -b / factor, 1 / factor, -z / factor],
  );
}

/** [3, 4] first b, then a, both with a last row of 0, 0, 0, 1. */
function compose(a: Affine, b: Affine): Affine {
  const out = new Float64Array(12);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 4; column++) {
      const at = 4 * row;
      out[at + column] = a[at] * b[column] + a[at + 1] * b[4 + column] + a[at + 2] * b[8 + column];
    }
    out[4 * row + 3] += a[4 * row + 3];
  }
  return out;
}
