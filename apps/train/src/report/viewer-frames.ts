import { MAX_FILE_BYTES, readLabels } from "kitti-io";
import type { ViewerBox, ViewerFrame } from "report-page";
import { parseBoxResults } from "../frames/box-labels.js";
import type { Frame, FrameObject } from "../frames/frame.js";
import { objectsFromKitti } from "../frames/kitti-frame.js";
import { visiblePoints } from "../frames/visible-frame.js";
import { readText } from "../system/read-file.js";

/**
 * A frame as the 3D view shows it: the points that the camera sees, and the labelled objects of every class.
 * @param full all points instead
 */
export function viewerFrame(frame: Frame, { full = false } = {}): Omit<ViewerFrame, "detections"> {
  const { id, objects } = frame;
  const points = full ? frame.points : visiblePoints(frame);
  return { id, points, ...(objects && { truth: viewerBoxes(objects) }) };
}

/** What a result file says was found in a frame: in KITTI's format where there is a camera, else boxes in space. */
export async function readResultBoxes(file: string, { view }: Pick<Frame, "view">): Promise<ViewerBox[]> {
  if (view === undefined) {
    return viewerBoxes(parseBoxResults(readText(file, { what: "results", most: MAX_FILE_BYTES.labels }), file));
  }
  return viewerBoxes(objectsFromKitti(await readLabels(file, { score: "required" }), view.calibration));
}

export function viewerBoxes(objects: readonly FrameObject[]): ViewerBox[] {
  return objects.map(({ type, box, score }) => ({ type, box: [...box], ...(score !== undefined && { score }) }));
}
