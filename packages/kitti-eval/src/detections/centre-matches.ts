import type { ClassMatches } from "./class-matches.js";
import type { FrameColumns } from "./detection-columns.js";
import type { Group } from "./groups.js";

/** Metres; the mean over these is nuScenes' average precision of a class. */
export const CENTRE_DISTANCES = [0.5, 1, 2, 4] as const;
/** Metres; nuScenes measures errors, and here recall and precision, on matches closer than this. */
export const ERROR_DISTANCE = 2;

const LOWEST_RECALL = 0.1;
const LOWEST_PRECISION = 0.1;

interface Answer {
  readonly d: number;
  /** the object that it matches, or -1 */
  readonly g: number;
}

/**
 * Matches of one class by nuScenes' rules: detections in descending score each take the nearest free object of their
 * frame, if its centre is closer in the plane than a distance. Of equal scores the later one goes first, as there.
 *
 * One deviation: nuScenes drops objects without points, and a detection of one is false. Here a detection that finds
 * no other object may match such a one, and then counts as nothing.
 */
export function centreMatches(columns: FrameColumns, type: number): ClassMatches {
  const { objects, found } = columns;
  const matched = new Map(CENTRE_DISTANCES.map((limit) => [limit as number, answers(columns, type, limit)]));
  const objectCount = (group: Group) => {
    let count = 0;
    for (let g = 0; g < objects.count; g++) if (objects.types[g] === type && group.holdsObject(g)) count++;
    return count;
  };
  const precisionAt = (group: Group, limit: number) =>
    averagePrecision(hitsAndFalse(matched.get(limit)!, group), objectCount(group));
  const single = CENTRE_DISTANCES.map((limit) => ({
    name: `${limit} m`,
    averagePrecision: (group: Group) => precisionAt(group, limit),
  }));
  const mean = (group: Group) =>
    CENTRE_DISTANCES.reduce((sum, limit) => sum + precisionAt(group, limit), 0) / CENTRE_DISTANCES.length;
  const ofErrors = matched.get(ERROR_DISTANCE)!;
  return {
    measures: [...single, { name: "mean", averagePrecision: mean }],
    ceiling: () => 100,
    hitsOverall: (group) => ofErrors.filter(({ g }) => g >= 0 && group.holdsObject(g)).length,
    atScore: (group, score) => {
      const sure = ofErrors.filter(({ d }) => found.values[d] >= score);
      return {
        pairs: sure.filter(({ g }) => g >= 0 && group.holdsObject(g)),
        falsePositives: sure.filter(({ g, d }) => g < 0 && group.holdsDetection(d)).length,
      };
    },
  };
}

/** Every detection of the class in descending score with the object that it matches. */
function answers({ objects, found }: FrameColumns, type: number, limit: number): Answer[] {
  const frameOf = new Int32Array(found.count);
  for (let f = 0; f + 1 < found.frameStarts.length; f++) {
    frameOf.fill(f, found.frameStarts[f], found.frameStarts[f + 1]);
  }
  const order = [...frameOf.keys()].filter((d) => found.types[d] === type);
  order.sort((a, b) => found.values[b] - found.values[a] || b - a);
  const taken = new Uint8Array(objects.count);
  const nearest = (d: number, withPoints: boolean) => {
    let best = -1;
    let least = limit;
    for (let g = objects.frameStarts[frameOf[d]]; g < objects.frameStarts[frameOf[d] + 1]; g++) {
      if (objects.types[g] !== type || taken[g] || (objects.values[g] !== 0) !== withPoints) continue;
      const distance = Math.hypot(
        objects.boxes[7 * g] - found.boxes[7 * d],
        objects.boxes[7 * g + 1] - found.boxes[7 * d + 1],
      );
      if (distance < least) {
        best = g;
        least = distance;
      }
    }
    return best;
  };
  return order.map((d) => {
    const counted = nearest(d, true);
    const g = counted >= 0 ? counted : nearest(d, false);
    if (g >= 0) taken[g] = 1;
    return { d, g };
  });
}

/** true for a hit, false for a false detection, in descending score; what matches an object of elsewhere is left out. */
function hitsAndFalse(all: readonly Answer[], group: Group): boolean[] {
  return all.filter(({ g, d }) => (g >= 0 ? group.holdsObject(g) : group.holdsDetection(d))).map(({ g }) => g >= 0);
}

/**
 * nuScenes' average precision, percent: precision interpolated at recall 0, 0.01, ..., 1 (0 beyond the largest recall),
 * its part above 0.1 averaged over recall 0.11, 0.12, ..., 1 and divided by 0.9.
 * `calc_ap` and `accumulate` of nuscenes-devkit; H. Caesar et al., nuScenes, CVPR 2020, section 4.
 */
function averagePrecision(hits: readonly boolean[], objectCount: number): number {
  let found = 0;
  const curve = hits.map((hit, i) => {
    if (hit) found++;
    return { recall: found / objectCount, precision: found / (i + 1) };
  });
  if (found === 0) return 0;
  const first = Math.round(100 * LOWEST_RECALL) + 1;
  let sum = 0;
  let next = 0; // the first point beyond the wanted recall
  for (let i = first; i <= 100; i++) {
    const wanted = i * 0.01;
    while (next < curve.length && curve[next].recall <= wanted) next++;
    sum += Math.max(0, interpolated(curve, next, wanted) - LOWEST_PRECISION);
  }
  return Math.min(100, (100 * sum) / (101 - first) / (1 - LOWEST_PRECISION)); // a full sum is 100 but for rounding
}

function interpolated(
  curve: readonly { readonly recall: number; readonly precision: number }[],
  next: number,
  wanted: number,
): number {
  if (next === 0) return curve[0].precision;
  const before = curve[next - 1];
  if (next === curve.length) return before.recall === wanted ? before.precision : 0;
  const after = curve[next];
  const slope = (after.precision - before.precision) / (after.recall - before.recall);
  return slope * (wanted - before.recall) + before.precision;
}
