import * as tf from "@tensorflow/tfjs-core";
import { showStage, type UnitContext } from "../network/unit-context.js";
import type { CameraConfig } from "./camera-config.js";
import type { CameraLayers } from "./camera-layers.js";
import type { CameraBatch } from "./collate-cameras.js";
import { runFpn } from "./fpn.js";
import { fuseMaps } from "./fuse-maps.js";
import { type MapSize, resizeMap } from "./resize-map.js";
import { runResnet } from "./resnet.js";
import { sampleMap } from "./sample-map.js";

/**
 * The camera branch and its fusion with the neck's map. The coarser level of the image's pyramid is stretched over the
 * finer one and added to it (the paper's code enlarges it by the sample's number in the batch plus one, a bug).
 *
 * Stages beside those of single units: the residual blocks, `camera.image` (features of the image on the bird's-eye view),
 * `camera.maps` (X), `camera.graph` [b, c, c], `camera.message` or `camera.message<i>`.
 * @param lidar [b, y, x, c] the neck's map
 * @returns     [b, y, x, c]
 * @throws RangeError if the batch has no images, not one for each scan, or was made for another alignment
 */
export function runCamera(
  context: UnitContext,
  { layers, config }: { readonly layers: CameraLayers; readonly config: CameraConfig },
  { camera, lidar }: { readonly camera: CameraBatch | undefined; readonly lidar: tf.Tensor4D },
): tf.Tensor4D {
  const [batch, height, width] = lidar.shape;
  if (camera === undefined) {
    throw new RangeError("runCamera: expected images in the batch, got none; add what `collateCameras` makes");
  }
  if (camera.pixels.length !== batch * camera.height * camera.width * 3) {
    throw new RangeError(
      `runCamera: expected ${batch} images of ${camera.width} × ${camera.height}, got ${camera.pixels.length} numbers`,
    );
  }
  const pixels = tf.tensor4d(camera.pixels, [batch, camera.height, camera.width, 3]);
  const stages = runResnet(context, layers.resnet, pixels);
  const [finer, coarser] = config.resnet.outputs.map((stage) => stages[stage - 1]);
  const levels = runFpn(context, layers.fpn, [finer, coarser]);
  const image = align(joinLevels(levels), { config, camera, size: { height, width } });
  return fuseMaps(context, layers.fusion, { image: showStage(context, "camera.image", image), lidar });
}

function joinLevels([finer, coarser]: readonly [tf.Tensor4D, tf.Tensor4D]): tf.Tensor4D {
  const [, height, width] = finer.shape;
  return tf.add(finer, resizeMap(coarser, { height, width })) as tf.Tensor4D;
}

/** Image features on the cells of the bird's-eye view. */
function align(
  map: tf.Tensor4D,
  { config, camera, size }: { readonly config: CameraConfig; readonly camera: CameraBatch; readonly size: MapSize },
): tf.Tensor4D {
  if (config.alignment.kind === "resize") return resizeMap(map, size);
  const cells = map.shape[0] * size.height * size.width;
  if (camera.samples?.places.length !== 4 * cells) {
    throw new RangeError(
      `runCamera: expected samples of ${cells} cells in the batch, got ${(camera.samples?.places.length ?? 0) / 4}`,
    );
  }
  return sampleMap(map, camera.samples, size);
}
