import {
  boxesFromObjects,
  type Calibration,
  difficultyOf,
  type ImageSize,
  type KittiFrame,
  type KittiObject,
} from "kitti-io";
import { classNamed, type DataReading } from "./data-reading.js";
import type { Frame, FrameObject } from "./frame.js";

/** What KITTI's left colour camera has in most frames; used where a frame comes without its image. */
export const USUAL_IMAGE_SIZE: ImageSize = { width: 1242, height: 375 };

/** How far from the middle of an image, as a share of its sides, the axis of its camera may be. */
const FROM_MIDDLE = 0.1;

/**
 * A frame of KITTI in the words of this program.
 * @throws Error naming the frame if its image has KITTI's usual size for want of a better one, and the calibration says otherwise
 */
export function frameFromKitti({ imageSize, ...frame }: KittiFrame, reading: DataReading = {}): Frame {
  const { id, points, calibration, objects } = frame;
  const view = { calibration, imageSize: imageSize ?? assumedImageSize(id, calibration, reading) };
  const seen = { id, points, view, ...(reading.view === "full" && { allRound: true }) };
  if (objects === undefined) return seen;
  const named = objectsFromKitti(objects, calibration).map((object) => ({
    ...object,
    type: classNamed(object.type, reading),
  }));
  return { ...seen, objects: named, kittiLabels: objects };
}

/** The size of an image that is not there. */
function assumedImageSize(id: string, { p2 }: Calibration, { imageSize, view }: DataReading): ImageSize {
  if (imageSize !== undefined) return { width: imageSize[0], height: imageSize[1] };
  const { width, height } = USUAL_IMAGE_SIZE;
  const [x, y] = [p2[2], p2[6]];
  const isUsual = Math.abs(x / width - 0.5) <= FROM_MIDDLE && Math.abs(y / height - 0.5) <= FROM_MIDDLE;
  if (isUsual || view === "full") return USUAL_IMAGE_SIZE;
  throw new Error(
    `frame ${id}: expected its image, or one of KITTI's ${width} x ${height} pixels, got a camera with its axis at ` +
      `(${Math.round(x)}, ${Math.round(y)}); add the image, or imageSize: [WIDTH, HEIGHT] to the recipe's data`,
  );
}

/** @throws Error naming the file and the object whose size is none */
export function checkSizes(objects: readonly KittiObject[], path: string): void {
  objects.forEach(({ type, dimensions }, i) => {
    if (type === "DontCare" || dimensions.every((each) => each > 0)) return;
    throw new Error(`${path}: object ${i + 1} (${type}): expected sizes above 0, got ${dimensions.join(" x ")}`);
  });
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
