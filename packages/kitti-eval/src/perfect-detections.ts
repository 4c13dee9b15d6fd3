import { checkFrames, type EvaluationObject } from "./evaluation-object.js";
import { classCode, EVALUATION_CLASSES, NEIGHBOUR, OTHER } from "./rules.js";

/**
 * What a perfect detector returns: every object of the three classes as a detection of score 1, in file order.
 *
 * `evaluateKitti(groundTruth, perfectDetections(groundTruth))` is the ceiling of every AP on these frames. It is far
 * below 100 where a level has fewer than 40 objects (3 cars: R40 5, R11 9.09), so that an AP on a few frames means
 * little without it. Objects of a neighbour class (Van, Person_sitting) come as detections of their class (Car,
 * Pedestrian): that costs nothing, and an unfound Van that overlaps a Car in the image would take the Car's detection.
 * One thing can still pass the ceiling: where a detection too low for a level overlaps an object of another class by
 * more than the limit, it may take that object, and a detector that leaves it out gets one point of the curve more.
 * @param groundTruth one array per frame, as for {@link evaluateKitti}
 * @returns           one array per frame; `type` is Car, Pedestrian or Cyclist; empty where a frame has none of them
 * @throws TypeError or RangeError as {@link evaluateKitti} does for ground truth
 */
export function perfectDetections(groundTruth: readonly (readonly EvaluationObject[])[]): EvaluationObject[][] {
  checkFrames(groundTruth, "groundTruth", "perfectDetections");
  return groundTruth.map((frame) =>
    frame
      .filter((object) => classCode(object.type) !== OTHER)
      .map((object) => ({ ...object, type: detectedType(object.type), score: 1 })),
  );
}

function detectedType(type: string): string {
  const name = EVALUATION_CLASSES[classCode(type) % NEIGHBOUR];
  return name[0].toUpperCase() + name.slice(1);
}
