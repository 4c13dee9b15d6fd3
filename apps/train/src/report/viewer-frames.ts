import { lidarToImage, MAX_FILE_BYTES } from "kitti-io";
import type { ViewerBox, ViewerFrame, ViewerImage } from "report-page";
import type { DataSource } from "../frames/data-source.js";
import { cameraOf, type Frame, type FrameObject } from "../frames/frame.js";
import { visiblePoints } from "../frames/visible-frame.js";
import { holdsBoxLines } from "../inference/box-lines.js";
import { parseResult } from "../inference/result-text.js";
import { readBytes, readText } from "../system/read-file.js";

/**
 * A frame as the 3D view shows it: the points that the camera sees, and the labelled objects of every class.
 * @param full all points instead
 */
export function viewerFrame(frame: Frame, { full = false } = {}): Omit<ViewerFrame, "detections"> {
  const { id, objects } = frame;
  const points = full ? frame.points : visiblePoints(frame);
  return { id, points, ...(objects && { truth: viewerBoxes(objects) }) };
}

/** What the camera of a frame saw, with its calibration. Undefined where there is no image: none is needed. */
export function viewerImage({ id, view }: Frame, data: DataSource): ViewerImage | undefined {
  const path = [...data.files(id).values()].find((file) => /\.(png|jpe?g)$/i.test(file));
  if (path === undefined || view === undefined) return undefined;
  const file = readBytes(path, { what: "an image", most: MAX_FILE_BYTES.image });
  return { file, ...view.imageSize, projection: lidarToImage(view.calibration) };
}

/**
 * What a result file says was found in a frame. Lines of boxes need no camera: those of a run of whole scans are read as such where a camera
 * is there, too.
 * @throws Error naming the file that is missing or wrong
 */
export function readResultBoxes(file: string, frame: Frame): ViewerBox[] {
  const text = readText(file, { what: "results", most: MAX_FILE_BYTES.labels });
  return viewerBoxes(parseResult(text, holdsBoxLines(text) ? undefined : cameraOf(frame), file).objects);
}

export function viewerBoxes(objects: readonly FrameObject[]): ViewerBox[] {
  return objects.map(({ type, box, score }) => ({ type, box: [...box], ...(score !== undefined && { score }) }));
}
