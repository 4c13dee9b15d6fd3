import { centreMatches } from "./centre-matches.js";
import { type Confusion, classConfusion } from "./class-confusion.js";
import { collectFrames, type DetectionFrame, type FrameColumns } from "./detection-columns.js";
import { type Band, bandsFrom, distanceGroup, type Group, pointGroup, wholeGroup } from "./groups.js";
import { type MatchErrors, matchErrors } from "./match-errors.js";
import { overlapMatches } from "./overlap-matches.js";

/** A class to evaluate. */
export interface DetectionClass {
  /** Equal to the `type` of its objects and detections. */
  readonly name: string;
  /** A match needs an overlap greater than this, 0 up to but not 1; see {@link usualOverlap}. Not read for `centre`. */
  readonly overlap: number;
}

/** What {@link evaluateDetections} measures. */
export interface DetectionOptions {
  readonly classes: readonly DetectionClass[];
  /** KITTI's matching by overlap (default) or nuScenes' by the distance of centres. */
  readonly match?: "overlap" | "centre";
  /** Lower bounds of the bands of distance from the sensor in the plane, metres; [0, 20, 40] by default. */
  readonly distanceBands?: readonly number[];
  /** Lower bounds of the bands of scan points per object; [1, 11, 51] by default. */
  readonly pointBands?: readonly number[];
  /** Detections of at least this score count for recall, precision, errors and confusion; 0.3 by default. */
  readonly score?: number;
}

/** Average precisions of one group of objects. */
export interface GroupPrecision {
  readonly objects: number;
  /** By name of the measure, percent: `bev` and `3d`, or `0.5 m`, `1 m`, `2 m`, `4 m` and `mean`; `null` without objects. */
  readonly ap: Readonly<Record<string, number | null>>;
  /** Average precision of a perfect detector on so many objects: KITTI's curve ends where 40 objects would not. */
  readonly ceiling: number | null;
}

/** Everything about one class. */
export interface DetectionClassResult {
  readonly name: string;
  readonly overlap: number;
  /** Objects that must be found. */
  readonly objects: number;
  /** Objects without a scan point: neither missed nor found. */
  readonly ignoredObjects: number;
  /** Of any score. */
  readonly detections: number;
  readonly all: GroupPrecision;
  readonly byDistance: readonly (Band & GroupPrecision)[];
  readonly byPoints: readonly (Band & GroupPrecision)[];
  /** Share of the objects that are found by a detection of any score, 0..1. */
  readonly largestRecall: number | null;
  /** 0..1, at the score of the evaluation; `null` without objects. */
  readonly recall: number | null;
  /** 0..1, at the score of the evaluation; `null` without detections that count. */
  readonly precision: number | null;
  readonly falsePositivesPerFrame: number | null;
  /** Of the boxes that match at the score of the evaluation; `null` without one. */
  readonly errors: MatchErrors | null;
}

/** What {@link evaluateDetections} returns: plain data that JSON keeps as it is. */
export interface DetectionEvaluation {
  readonly frames: number;
  readonly match: "overlap" | "centre";
  readonly score: number;
  readonly classes: readonly DetectionClassResult[];
  readonly confusion: readonly Confusion[];
}

/**
 * The measures of detection for any data set and classes, by KITTI's or nuScenes' rules.
 *
 * `overlap`: average precision at 40 recalls of boxes on the ground and in space, equal to `evaluateKitti` where its
 * difficulties, DontCare regions and neighbour classes ignore nothing. Recall, precision and errors are those of matches
 * in space. `centre`: nuScenes' average precision of matches closer than 0.5, 1, 2 and 4 m in the plane and the mean of
 * these; recall, precision and errors at 2 m. Confusion is of footprints that overlap, with both.
 *
 * Bands: objects of another band are ignored, and so is a detection that matches one. A detection that matches nothing
 * is false in the band of its own distance, and in every band of points.
 * @param frames  boxes in the LiDAR frame, metres and radians; read once, one by one, and may be a generator
 * @throws TypeError  if a type is no string
 * @throws RangeError if a number is missing or not finite, or an option makes no sense; the message names it
 */
export function evaluateDetections(frames: Iterable<DetectionFrame>, options: DetectionOptions): DetectionEvaluation {
  const { classes, match = "overlap", distanceBands = [0, 20, 40], pointBands = [1, 11, 51], score = 0.3 } = options;
  checkOptions(classes, match, score);
  const distances = bandsFrom(distanceBands, "distanceBands");
  const points = bandsFrom(pointBands, "pointBands");
  const columns = collectFrames(
    frames,
    classes.map(({ name }) => name),
  );
  const groups: Groups = {
    all: wholeGroup(columns),
    byDistance: distances.map((band) => ({ band, group: distanceGroup(columns, band) })),
    byPoints: points.map((band) => ({ band, group: pointGroup(columns, band) })),
  };
  return {
    frames: columns.found.frameStarts.length - 1,
    match,
    score,
    classes: classes.map((of, type) => classResult(columns, { of, type, match, score, groups })),
    confusion: classConfusion(columns, classes.length, score),
  };
}

function checkOptions(classes: readonly DetectionClass[], match: string, score: number): void {
  const refuse = (expected: string, name: string, got: unknown) => {
    throw new RangeError(`evaluateDetections: expected ${expected} for ${name}, got ${String(got)}`);
  };
  if (!Array.isArray(classes)) refuse("an array", "classes", classes);
  classes.forEach(({ name, overlap }, i) => {
    if (typeof name !== "string") refuse("a class name", `classes[${i}].name`, name);
    if (classes.findIndex((other) => other.name === name) < i) refuse("a name used once", `classes[${i}].name`, name);
    if (!(overlap >= 0 && overlap < 1)) refuse("a number from 0 up to 1", `classes[${i}].overlap`, overlap);
  });
  if (match !== "overlap" && match !== "centre") refuse('"overlap" or "centre"', "match", match);
  if (!Number.isFinite(score)) refuse("a finite number", "score", score);
}

interface Groups {
  readonly all: Group;
  readonly byDistance: readonly { readonly band: Band; readonly group: Group }[];
  readonly byPoints: readonly { readonly band: Band; readonly group: Group }[];
}

interface ClassTask {
  readonly of: DetectionClass;
  /** index of the class, which is its code in the columns */
  readonly type: number;
  readonly match: "overlap" | "centre";
  readonly score: number;
  readonly groups: Groups;
}

function classResult(columns: FrameColumns, { of, type, match, score, groups }: ClassTask): DetectionClassResult {
  const { objects, found } = columns;
  const matches = match === "overlap" ? overlapMatches(columns, type, of.overlap) : centreMatches(columns, type);
  const ofClass = [...objects.types.keys()].filter((g) => objects.types[g] === type);
  const precisionOf = (group: Group): GroupPrecision => {
    const count = ofClass.filter(group.holdsObject).length;
    return {
      objects: count,
      ap: Object.fromEntries(
        matches.measures.map(({ name, averagePrecision }) => [name, count === 0 ? null : averagePrecision(group)]),
      ),
      ceiling: count === 0 ? null : matches.ceiling(count),
    };
  };
  const all = precisionOf(groups.all);
  const { pairs, falsePositives } = matches.atScore(groups.all, score);
  const frames = found.frameStarts.length - 1;
  return {
    name: of.name,
    overlap: of.overlap,
    objects: all.objects,
    ignoredObjects: ofClass.length - all.objects,
    detections: found.types.reduce((count, code) => count + (code === type ? 1 : 0), 0),
    all,
    byDistance: groups.byDistance.map(({ band, group }) => ({ ...band, ...precisionOf(group) })),
    byPoints: groups.byPoints.map(({ band, group }) => ({ ...band, ...precisionOf(group) })),
    largestRecall: share(matches.hitsOverall(groups.all), all.objects),
    recall: share(pairs.length, all.objects),
    precision: share(pairs.length, pairs.length + falsePositives),
    falsePositivesPerFrame: share(falsePositives, frames),
    errors: matchErrors(columns, pairs),
  };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
