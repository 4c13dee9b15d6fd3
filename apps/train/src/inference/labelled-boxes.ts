import { type DetectionClass, type LabelledBox, usualOverlap } from "kitti-eval";
import { pointsInBox } from "lidar-augment";
import type { DetectorConfig } from "second-detector";
import type { FrameObject } from "../frames/frame.js";

/**
 * The classes of a detector as the tables look at them.
 * @param overlap that a match needs; default: the length of the anchor chooses it
 */
export function detectionClasses(
  { classes }: Pick<DetectorConfig, "classes">,
  overlap?: number | undefined,
): DetectionClass[] {
  const lengths = new Map(classes.map(({ name, anchorSize: [length] }) => [name, length]));
  return [...lengths].map(([name, length]) => ({ name, overlap: overlap ?? usualOverlap([length]) }));
}

/**
 * The objects of a frame as the tables judge by, of all types: those of a class of the detector have its name, whatever the
 * case of their letters.
 * @param points [n, 4] what the detector is shown: an object without any of them cannot be found, and is not asked for
 */
export function labelledBoxes(
  objects: readonly FrameObject[],
  points: Float32Array,
  { classes }: Pick<DetectorConfig, "classes">,
): LabelledBox[] {
  const names = new Map(classes.map(({ name }) => [name.toLowerCase(), name]));
  return objects.map(({ type, box }) => ({
    type: names.get(type.toLowerCase()) ?? type,
    box,
    points: pointsInBox(points, box).length / 4,
  }));
}
