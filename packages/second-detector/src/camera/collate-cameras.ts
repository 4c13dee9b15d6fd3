import { headMapSize } from "../anchors.js";
import type { DetectorConfig } from "../config/detector-config.js";
import type { CameraConfig } from "./camera-config.js";
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

/** The cameras of a batch: what the camera branch takes. */
export interface CameraBatch {
  /** [b, height, width, 3] normalised; zeros right of and below smaller images */
  readonly pixels: Float32Array;
  readonly height: number;
  readonly width: number;
  /** Where each cell of the bird's-eye view is seen; with alignment `project`. */
  readonly samples?: MapSamples | undefined;
}

/**
 * Images of a batch, filled up to one size, and where each cell of the bird's-eye view lies in them.
 * @param cameras one per scan, in the order of the scans
 * @throws RangeError if the configuration has no camera, or there is none in `cameras`
 */
export function collateCameras(cameras: readonly CameraFrame[], config: DetectorConfig): CameraBatch {
  const { camera } = config;
  if (camera === undefined) throw new RangeError(`collateCameras: expected a camera in ${config.name}, got none`);
  if (cameras.length === 0) throw new RangeError("collateCameras: expected one camera or more, got none");
  const { multiple } = camera.image;
  const filled = (sides: number[]) => Math.ceil(Math.max(...sides) / multiple) * multiple;
  const width = filled(cameras.map(({ image }) => image.width));
  const height = filled(cameras.map(({ image }) => image.height));
  const pixels = new Float32Array(cameras.length * height * width * 3);
  cameras.forEach(({ image }, i) => {
    for (let y = 0; y < image.height; y++) {
      const row = image.pixels.subarray(3 * image.width * y, 3 * image.width * (y + 1));
      pixels.set(row, 3 * width * (i * height + y));
    }
  });
  if (camera.alignment.kind === "resize") return { pixels, height, width };
  const map = mapSize({ height, width }, camera);
  return { pixels, height, width, samples: projectCells(cameras, { config, camera, map }) };
}

interface FeatureMap {
  readonly height: number;
  readonly width: number;
  /** pixels from one place to the next; place 0 is centred on pixel 0 */
  readonly stride: number;
}

/** The finer map of the FPN: ResNet's stage s halves the image s + 1 times, each time rounding up. */
function mapSize(image: { readonly height: number; readonly width: number }, { resnet }: CameraConfig): FeatureMap {
  const stride = 2 ** (resnet.outputs[0] + 1);
  return { height: Math.ceil(image.height / stride), width: Math.ceil(image.width / stride), stride };
}

/** Bilinear samples of the feature map at the pixel that shows each cell's centre, at the alignment's height. */
function projectCells(
  cameras: readonly CameraFrame[],
  { config, camera, map }: { readonly config: DetectorConfig; readonly camera: CameraConfig; readonly map: FeatureMap },
): MapSamples {
  const cells = headMapSize(config);
  const [x0, y0, , x1, y1] = config.pointRange;
  const z = camera.alignment.kind === "project" ? camera.alignment.height : 0;
  const places = new Int32Array(cameras.length * cells.height * cells.width * 4);
  const weights = new Float32Array(places.length);
  let at = 0;
  cameras.forEach((frame, i) => {
    for (let row = 0; row < cells.height; row++) {
      const y = y0 + ((row + 0.5) / cells.height) * (y1 - y0);
      for (let column = 0; column < cells.width; column++, at += 4) {
        const x = x0 + ((column + 0.5) / cells.width) * (x1 - x0);
        const pixel = pixelOf(frame, x, y, z);
        if (pixel === undefined) continue;
        const [u, v] = [pixel.u / map.stride, pixel.v / map.stride];
        const [left, top] = [Math.floor(u), Math.floor(v)];
        const [across, down] = [u - left, v - top];
        const [right, bottom] = [Math.min(left + 1, map.width - 1), Math.min(top + 1, map.height - 1)];
        const first = i * map.height;
        places[at] = (first + top) * map.width + left;
        places[at + 1] = (first + top) * map.width + right;
        places[at + 2] = (first + bottom) * map.width + left;
        places[at + 3] = (first + bottom) * map.width + right;
        weights[at] = (1 - down) * (1 - across);
        weights[at + 1] = (1 - down) * across;
        weights[at + 2] = down * (1 - across);
        weights[at + 3] = down * across;
      }
    }
  });
  return { places, weights };
}

/** Pixel of the prepared image that shows a point; none if the point is behind the camera or out of the image. */
function pixelOf({ image, lidarToImage: m }: CameraFrame, x: number, y: number, z: number) {
  const depth = m[8] * x + m[9] * y + m[10] * z + m[11];
  if (!(depth > 0)) return undefined;
  const u = image.x.factor * ((m[0] * x + m[1] * y + m[2] * z + m[3]) / depth) + image.x.offset;
  const v = image.y.factor * ((m[4] * x + m[5] * y + m[6] * z + m[7]) / depth) + image.y.offset;
  return u >= 0 && u <= image.width - 1 && v >= 0 && v <= image.height - 1 ? { u, v } : undefined;
}
