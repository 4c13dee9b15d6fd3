import { boxesFromObjects, cropToCameraView, type KittiFrame, type KittiObject } from "kitti-io";
import type { ViewerBox, ViewerFrame } from "report-page";
import { USUAL_IMAGE_SIZE } from "../frames/training-frames.js";

/**
 * A frame as the 3D view shows it: the points that the camera sees, and the labelled objects of every class.
 * @param full all points instead
 */
export function viewerFrame(frame: KittiFrame, { full = false } = {}): Omit<ViewerFrame, "detections"> {
  const { id, calibration, imageSize = USUAL_IMAGE_SIZE, objects } = frame;
  const points = full ? frame.points : cropToCameraView(frame.points, calibration, imageSize);
  return { id, points, ...(objects && { truth: viewerBoxes(objects, frame) }) };
}

/** Objects of a label or result file as boxes in space; DontCare regions have none. */
export function viewerBoxes(
  objects: readonly KittiObject[],
  { calibration }: Pick<KittiFrame, "calibration">,
): ViewerBox[] {
  const solid = objects.filter(({ type }) => type !== "DontCare");
  const boxes = boxesFromObjects(solid, calibration);
  return solid.map(({ type, score }, i) => ({
    type,
    box: Array.from(boxes.subarray(7 * i, 7 * i + 7)),
    ...(score !== undefined && { score }),
  }));
}
