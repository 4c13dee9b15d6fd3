import * as tf from "@tensorflow/tfjs-core";
import type { Calibration, KittiObject } from "kitti-io";
import { objectFromBox } from "kitti-io";
import {
  type AnchorGrid,
  collateFrames,
  type DetectorConfig,
  decodePredictions,
  forwardSecond,
  type Predictions,
  type Weights,
} from "second-detector";
import type { VoxelFeatures } from "voxelize";
import type { ImageSize } from "./training-frames.js";

/** A detector ready to run. */
export interface Detector {
  readonly config: DetectorConfig;
  readonly weights: Weights;
  readonly anchors: AnchorGrid;
}

/**
 * Boxes found in one frame, best first.
 * @param voxels the frame's voxels, as `prepareFrame` makes them; none gives no boxes
 */
export async function predictFrame(
  { config, weights, anchors }: Detector,
  voxels: VoxelFeatures,
): Promise<Predictions> {
  const { head } = tf.tidy(() => {
    const result = forwardSecond(weights, collateFrames([voxels], config), { config });
    return { head: result.head };
  });
  const [cls, box, dir] = await Promise.all([head.cls.data(), head.box.data(), head.dir.data()]);
  tf.dispose([head.cls, head.box, head.dir]);
  return decodePredictions({ cls, box, dir }, anchors, config);
}

/** Predictions as objects of a KITTI result file. A box that is not in the image has no place there and is left out. */
export function predictedObjects(
  { boxes, scores, labels }: Predictions,
  { config, calibration, imageSize }: { config: DetectorConfig; calibration: Calibration; imageSize: ImageSize },
): KittiObject[] {
  const objects: KittiObject[] = [];
  for (let i = 0; i < scores.length; i += 1) {
    const type = config.classes[labels[i]].name;
    const object = objectFromBox(boxes.subarray(7 * i, 7 * i + 7), calibration, { type, score: scores[i], imageSize });
    const [left, top, right, bottom] = object.bbox;
    if (right > left && bottom > top) objects.push(object);
  }
  return objects;
}
