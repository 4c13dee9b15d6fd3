import { cropToCameraView } from "kitti-io";
import type { LabelledScan } from "lidar-augment";
import type { DetectorConfig, RgbImage } from "second-detector";
import type { FrameReader } from "./data-source.js";
import type { Frame } from "./frame.js";

/**
 * What a detector is shown of a frame: the points that the camera sees (all of them where there is no camera), and the
 * objects of its classes, wherever they are.
 */
export interface VisibleFrame extends LabelledScan, Pick<Frame, "id" | "view" | "kittiLabels"> {
  /** decoded, for a configuration that has a camera */
  readonly image?: RgbImage;
}

/**
 * Reads a frame as a detector is shown it.
 * @throws Error naming the file that is missing or wrong
 */
export async function readVisibleFrame(data: FrameReader, id: string, config: DetectorConfig): Promise<VisibleFrame> {
  const image = config.camera && (await data.readImage(id));
  return { ...visibleFrame(await data.read(id), config), image };
}

/** A frame as a detector is shown it, but for the image. Without labels it has no boxes. */
export function visibleFrame(frame: Frame, { classes }: Pick<DetectorConfig, "classes">): VisibleFrame {
  const { id, view, objects = [], kittiLabels } = frame;
  const names = classes.map(({ name }) => name);
  const known = objects.filter(({ type }) => names.includes(type));
  const boxes = new Float64Array(7 * known.length);
  known.forEach(({ box }, row) => {
    boxes.set(box, 7 * row);
  });
  const labels = Int32Array.from(known, ({ type }) => names.indexOf(type));
  return { id, points: visiblePoints(frame), boxes, labels, view, kittiLabels };
}

/** [k, 4] The points of a scan that the camera sees; all of them where there is no camera. */
export function visiblePoints({ points, view }: Pick<Frame, "points" | "view">): Float32Array {
  return view === undefined ? points : cropToCameraView(points, view.calibration, view.imageSize);
}
