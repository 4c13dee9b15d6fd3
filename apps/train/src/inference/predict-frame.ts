import * as tf from "@tensorflow/tfjs-core";
import { type KittiObject, objectFromBox } from "kitti-io";
import {
  type AnchorGrid,
  type DetectorConfig,
  decodePredictions,
  type InferenceNetwork,
  type Predictions,
} from "second-detector";
import type { CameraView } from "../frames/frame.js";
import { collateInputs, type NetworkInput } from "../frames/network-input.js";
import type { Lap } from "./latency.js";

/** A detector ready to run. */
export interface Detector {
  readonly config: DetectorConfig;
  readonly network: InferenceNetwork;
  readonly anchors: AnchorGrid;
}

/**
 * Boxes found in one frame, best first.
 * @param lap     told when the rulebooks, the encoder, the dense network with the reading of its outputs, and the decoding
 *   are done; a backend that computes in the background has the encoder's work in the time of the dense network
 */
export async function predictFrame(
  { config, network, anchors }: Detector,
  input: NetworkInput,
  lap: Lap = () => {},
): Promise<Predictions> {
  const batch = collateInputs([input], config);
  lap("rulebooks");
  const map = network.encode(batch);
  lap("encoder");
  const head = network.detect(map, batch.camera);
  map.dispose();
  const [cls, box, dir] = await Promise.all([head.cls.data(), head.box.data(), head.dir.data()]);
  tf.dispose([head.cls, head.box, head.dir]);
  lap("dense");
  const found = decodePredictions({ cls, box, dir }, anchors, config);
  lap("decode");
  return found;
}

/** Predictions as objects of a KITTI result file. A box that is not in the image has no place there and is left out. */
export function predictedObjects(
  { boxes, scores, labels }: Predictions,
  { classes }: Pick<DetectorConfig, "classes">,
  { calibration, imageSize }: CameraView,
): KittiObject[] {
  const objects: KittiObject[] = [];
  for (let i = 0; i < scores.length; i += 1) {
    const type = classes[labels[i]].name;
    const object = objectFromBox(boxes.subarray(7 * i, 7 * i + 7), calibration, { type, score: scores[i], imageSize });
    const [left, top, right, bottom] = object.bbox;
    if (right > left && bottom > top) objects.push(object);
  }
  return objects;
}
