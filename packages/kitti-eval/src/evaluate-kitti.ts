import { checkFrames, type EvaluationObject } from "./evaluation-object.js";
import { type MatchCounts, Matcher } from "./matching.js";
import {
  type ClassView,
  classView,
  DetectionBuilder,
  GroundTruthBuilder,
  type GroundTruthColumns,
  type ObjectColumns,
} from "./object-columns.js";
import { type OverlapTable, overlapTables } from "./overlap-table.js";
import { type LevelResult, levelResult, recallThresholds } from "./precision-curve.js";
import {
  EVALUATION_CLASSES,
  type EvaluationClass,
  LEVELS,
  type Level,
  LOOSE_OVERLAP,
  type Metric,
  STRICT_OVERLAP,
} from "./rules.js";

/** One metric of one class at its three levels. */
export type LevelResults = { readonly [L in Level]: LevelResult };

/** Ground and space results of a class; `null` where no detection of the class can be evaluated (not the same as 0). */
export interface PlacedResult {
  readonly bev: LevelResults | null;
  readonly "3d": LevelResults | null;
}

/** The same with the image metrics. `aos` is orientation similarity over image matches. */
export interface ClassResult extends PlacedResult {
  readonly "2d": LevelResults | null;
  readonly aos: LevelResults | null;
}

/** What {@link evaluateKitti} returns; as JSON it is {@link encodeEvaluation}'s. */
export interface Evaluation {
  /** Number of frames evaluated. */
  readonly frames: number;
  /** Overlap greater than 0.7 (car), 0.5 (pedestrian, cyclist): the official benchmark. */
  readonly strict: { readonly [C in EvaluationClass]: ClassResult };
  /** Overlap greater than 0.5 (car), 0.25 (pedestrian, cyclist). */
  readonly loose: { readonly [C in EvaluationClass]: PlacedResult };
}

/**
 * The metrics of the KITTI object benchmark: 2D, BEV and 3D average precision and orientation similarity.
 *
 * Both arguments hold one array per frame, in the order of the lines in its file: matching is greedy, so that order
 * matters. Pass only frames that the detector was run on; a frame without detections counts its objects as missed.
 * Equal to the offline C++ evaluation of the KITTI devkit. With n < 40 objects of a level its curve ends after about
 * n of 41 points, so that even a perfect detector stays below 100: see {@link perfectDetections}.
 * @param groundTruth label files, DontCare regions included; boxes in the camera frame, metres, pixels, radians
 * @param detections  result files, each object with a score
 * @throws TypeError  if an argument is not an array of frames of objects
 * @throws RangeError if the two differ in the number of frames, or a number is missing or not finite
 */
export function evaluateKitti(
  groundTruth: readonly (readonly EvaluationObject[])[],
  detections: readonly (readonly EvaluationObject[])[],
): Evaluation {
  checkFrames(groundTruth, "groundTruth", "evaluateKitti");
  checkFrames(detections, "detections", "evaluateKitti");
  if (groundTruth.length !== detections.length) {
    throw new RangeError(
      `evaluateKitti: expected as many frames for detections as for groundTruth (${groundTruth.length}), got ${detections.length}`,
    );
  }
  const objects = new GroundTruthBuilder();
  for (const frame of groundTruth) objects.addFrame(frame);
  const found = new DetectionBuilder();
  for (const frame of detections) found.addFrame(frame);
  return evaluateColumns(objects.columns(), found.columns());
}

/** {@link evaluateKitti} of objects that were checked and put into columns frame by frame. */
export function evaluateColumns(groundTruth: GroundTruthColumns, found: ObjectColumns): Evaluation {
  const { objects } = groundTruth;
  const tables = overlapTables(groundTruth, found);
  const withOrientation = !found.alphas.includes(-10);
  const measured = EVALUATION_CLASSES.map((name, classIndex) => {
    const shown = usableMetrics(found, classIndex);
    const views = LEVELS.map((level) => classView(objects, found, { classIndex, level }));
    const measure = (metric: Metric, limit: number, oriented = false) =>
      measureClass({ objects, found, table: tables[metric], limit, oriented }, views);
    const strict = STRICT_OVERLAP[name];
    const loose = LOOSE_OVERLAP[name];
    const image = shown["2d"] ? measure("2d", strict, withOrientation) : null;
    return {
      name,
      strict: {
        "2d": image?.precision ?? null,
        aos: image && withOrientation ? image.similarity : null,
        bev: shown.bev ? measure("bev", strict).precision : null,
        "3d": shown["3d"] ? measure("3d", strict).precision : null,
      },
      loose: {
        bev: shown.bev ? measure("bev", loose).precision : null,
        "3d": shown["3d"] ? measure("3d", loose).precision : null,
      },
    };
  });
  return {
    frames: found.frameStarts.length - 1,
    strict: Object.fromEntries(measured.map((of) => [of.name, of.strict])) as Evaluation["strict"],
    loose: Object.fromEntries(measured.map((of) => [of.name, of.loose])) as Evaluation["loose"],
  };
}

/** Whether some detection of the class has an image box, a place on the ground, a place in space. */
function usableMetrics(found: ObjectColumns, classIndex: number): Record<Metric, boolean> {
  const usable = { "2d": false, bev: false, "3d": false };
  const { boxes, dimensions, locations } = found;
  for (let d = 0; d < found.count; d++) {
    if (found.classes[d] !== classIndex) continue;
    const [x, y, z] = [locations[3 * d], locations[3 * d + 1], locations[3 * d + 2]];
    const [height, width, length] = [dimensions[3 * d], dimensions[3 * d + 1], dimensions[3 * d + 2]];
    const placed = x !== -1000 && z !== -1000 && width > 0 && length > 0;
    if (boxes[4 * d] >= 0) usable["2d"] = true;
    if (placed) usable.bev = true;
    if (placed && y !== -1000 && height > 0) usable["3d"] = true;
  }
  return usable;
}

interface Measurement {
  readonly objects: ObjectColumns;
  readonly found: ObjectColumns;
  readonly table: OverlapTable;
  readonly limit: number;
  /** measure orientation similarity too */
  readonly oriented: boolean;
}

/** Precision and orientation similarity of one class and metric; one view for each level. */
function measureClass(
  of: Measurement,
  views: readonly ClassView[],
): { precision: LevelResults; similarity: LevelResults } {
  const results = LEVELS.map((level, i) => [level, measureLevel(of, views[i])] as const);
  return {
    precision: Object.fromEntries(results.map(([level, curves]) => [level, curves.precision])) as LevelResults,
    similarity: Object.fromEntries(results.map(([level, curves]) => [level, curves.similarity])) as LevelResults,
  };
}

function measureLevel(of: Measurement, view: ClassView): { precision: LevelResult; similarity: LevelResult } {
  const { objects, found, table, limit, oriented } = of;
  const matcher = new Matcher({ table, view, scores: found.scores, limit });
  const alphaSimilarity = (g: number, d: number) => (1 + Math.cos(objects.alphas[g] - found.alphas[d])) / 2;

  const precision: number[] = [];
  const similarity: number[] = [];
  const counts: MatchCounts = { truePositives: 0, falsePositives: 0, similarity: 0 };
  for (const threshold of recallThresholds(matcher.collectScores(), view.objectCount)) {
    matcher.countInto(threshold, counts, oriented ? alphaSimilarity : undefined);
    const answers = counts.truePositives + counts.falsePositives;
    precision.push(counts.truePositives / answers);
    similarity.push(counts.similarity / answers);
  }
  return { precision: levelResult(precision), similarity: levelResult(similarity) };
}
