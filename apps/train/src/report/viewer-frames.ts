import type { ViewerBox, ViewerFrame } from "report-page";
import type { Frame, FrameObject } from "../frames/frame.js";
import { visiblePoints } from "../frames/visible-frame.js";

/**
 * A frame as the 3D view shows it: the points that the camera sees, and the labelled objects of every class.
 * @param full all points instead
 */
export function viewerFrame(frame: Frame, { full = false } = {}): Omit<ViewerFrame, "detections"> {
  const { id, objects } = frame;
  const points = full ? frame.points : visiblePoints(frame);
  return { id, points, ...(objects && { truth: viewerBoxes(objects) }) };
}

export function viewerBoxes(objects: readonly FrameObject[]): ViewerBox[] {
  return objects.map(({ type, box, score }) => ({ type, box: [...box], ...(score !== undefined && { score }) }));
}
