import {
  boxesFromObjects,
  type Calibration,
  difficultyOf,
  type ImageSize,
  type KittiFrame,
  type KittiObject,
} from "kitti-io";
import type { Frame, FrameObject } from "./frame.js";

/** What KITTI's left colour camera has in most frames; used where a frame comes without its image. */
export const USUAL_IMAGE_SIZE: ImageSize = { width: 1242, height: 375 };

/** A frame of KITTI in the words of this program. */
export function frameFromKitti({ id, points, calibration, objects, imageSize = USUAL_IMAGE_SIZE }: KittiFrame): Frame {
  const view = { calibration, imageSize };
  if (objects === undefined) return { id, points, view };
  return { id, points, view, objects: objectsFromKitti(objects, calibration), kittiLabels: objects };
}

/** The objects of a label or result file as boxes in space; DontCare regions have none. */
export function objectsFromKitti(objects: readonly KittiObject[], calibration: Calibration): FrameObject[] {
  const solid = objects.filter(({ type }) => type !== "DontCare");
  const boxes = boxesFromObjects(solid, calibration);
  return solid.map((object, i) => ({
    type: object.type,
    box: boxes.slice(7 * i, 7 * i + 7),
    difficulty: difficultyOf(object),
    ...(object.score !== undefined && { score: object.score }),
  }));
}
