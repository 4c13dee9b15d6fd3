import { type DetectionFrame, evaluateDetections } from "kitti-eval";
import type { DetectorConfig } from "second-detector";
import type { SetReadings } from "./measure-unusual.js";

/** Loose: what matters is whether the object is found, not where its floor is. */
const OVERLAP = 0.5;

/**
 * Average precision of a detector's first class in a condition: 3D, R40, %.
 * @returns a function of the condition's name; undefined where there is nothing to find
 */
export function precisionOf(
  { byCondition, objects }: SetReadings,
  { classes }: Pick<DetectorConfig, "classes">,
): (condition: string) => number | undefined {
  const [{ name }] = classes;
  return (condition) => {
    const frames = byCondition.get(condition)!.map(({ found: { boxes, scores, labels } }, i): DetectionFrame => {
      const detections = scores.map((score, row) => {
        return { type: classes[labels[row]].name, box: boxes.slice(7 * row, 7 * row + 7), score };
      });
      return { id: String(i), objects: objects[i], detections };
    });
    const {
      classes: [result],
    } = evaluateDetections(frames, { classes: [{ name, overlap: OVERLAP }] });
    return result.all.ap["3d"] ?? undefined;
  };
}
