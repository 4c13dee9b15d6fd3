import { headMapSize } from "../anchors.js";
import type { DetectorConfig } from "../config/detector-config.js";
import type { CameraConfig } from "./camera-config.js";
import { type CameraFrame, type CellCentres, type FeatureMap, projectCells } from "./project-cells.js";
import type { MapSamples } from "./sample-map.js";

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
  const samples = projectCells(
    cameras,
    cellCentres(config, camera.alignment.height),
    featureMap({ height, width }, camera),
  );
  return { pixels, height, width, samples };
}

/** The finer map of the FPN: ResNet's stage s halves the image s + 1 times, each time rounding up. */
function featureMap(image: { readonly height: number; readonly width: number }, { resnet }: CameraConfig): FeatureMap {
  const stride = 2 ** (resnet.outputs[0] + 1);
  return { height: Math.ceil(image.height / stride), width: Math.ceil(image.width / stride), stride };
}

function cellCentres(config: DetectorConfig, z: number): CellCentres {
  const { width, height } = headMapSize(config);
  const [x0, y0, , x1, y1] = config.pointRange;
  return {
    xs: Float64Array.from({ length: width }, (_, j) => x0 + ((j + 0.5) / width) * (x1 - x0)),
    ys: Float64Array.from({ length: height }, (_, i) => y0 + ((i + 0.5) / height) * (y1 - y0)),
    z,
  };
}
