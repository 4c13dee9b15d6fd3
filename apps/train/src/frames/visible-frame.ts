import { cropToCameraView } from "kitti-io";
import { cutObjects, type LabelledScan } from "lidar-augment";
import type { DetectorConfig, RgbImage } from "second-detector";
import type { FrameReader } from "./data-source.js";
import { cameraOf, type Frame, type FrameObject } from "./frame.js";

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

/**
 * A frame as a detector is shown it, but for the image. Without labels it has no boxes; objects that only the rest of the scan
 * shows have none either.
 * @throws Error naming the frame if the detector takes intensity and the scan has none
 */
export function visibleFrame(
  frame: Frame,
  { classes, features }: Pick<DetectorConfig, "classes" | "features">,
): VisibleFrame {
  const { id, view, objects = [], kittiLabels } = frame;
  if (frame.withoutIntensity && features?.length !== 3) {
    throw new Error(
      `frame ${id}: expected intensity, as the detector takes it, got a scan without; ` +
        "write features: [x, y, z] in the configuration of the detector, or name the column in the recipe's data",
    );
  }
  const names = classes.map(({ name }) => name.toLowerCase());
  const labelOf = ({ type }: FrameObject) => names.indexOf(type.toLowerCase());
  const hidden = new Set(hiddenObjects(frame));
  const known = objects.filter((object) => labelOf(object) >= 0 && !hidden.has(object));
  const boxes = new Float64Array(7 * known.length);
  known.forEach(({ box }, row) => {
    boxes.set(box, 7 * row);
  });
  const labels = Int32Array.from(known, labelOf);
  return { id, points: visiblePoints(frame), boxes, labels, view, kittiLabels };
}

/** [k, 4] The points of a scan that count: those that the camera sees; all of them where there is none, or none is asked. */
export function visiblePoints(frame: Pick<Frame, "points" | "view" | "allRound">): Float32Array {
  const camera = cameraOf(frame);
  return camera === undefined ? frame.points : cropToCameraView(frame.points, camera.calibration, camera.imageSize);
}

/** Objects with points in the scan, none of which the camera sees: nothing could be learnt of them but nonsense. */
export function hiddenObjects(frame: Frame): FrameObject[] {
  const { points, objects = [] } = frame;
  const seen = visiblePoints(frame);
  if (seen === points || objects.length === 0) return [];
  const unseen = emptyOf(objects, seen);
  if (unseen.length === 0) return [];
  const nowhere = new Set(emptyOf(unseen, points));
  return unseen.filter((object) => !nowhere.has(object));
}

/** Objects without a point of a scan. */
function emptyOf(objects: readonly FrameObject[], points: Float32Array): FrameObject[] {
  const boxes = Float64Array.from(objects.flatMap(({ box }) => [...box]));
  const cut = cutObjects({ points, boxes, labels: Int32Array.from(objects.keys()) });
  return cut.filter((object) => object.points.length === 0).map(({ label }) => objects[label]);
}
