import { groundRectangles, intersectionArea } from "../ground-rectangles.js";
import { Matcher, type MatchProblem } from "../matching.js";
import { ABSENT, IGNORED, VALID } from "../object-columns.js";
import { groundOverlapAt, spaceOverlapAt } from "../overlap.js";
import { type OverlapTable, TableBuilder } from "../overlap-table.js";
import { levelResult, recallThresholds } from "../precision-curve.js";
import type { ClassMatches } from "./class-matches.js";
import type { FrameColumns } from "./detection-columns.js";
import type { Group } from "./groups.js";

/** Matches of one class by KITTI's rules: an overlap greater than the limit, on the ground and in space. */
export function overlapMatches(columns: FrameColumns, type: number, limit: number): ClassMatches {
  const { objects, found } = columns;
  const tables = classTables(columns, type, limit);
  const detectionStates = new Int8Array(found.count);
  for (let d = 0; d < found.count; d++) detectionStates[d] = found.types[d] === type ? VALID : ABSENT;

  const problem = (table: OverlapTable, group: Group): MatchProblem => {
    const groundTruthStates = new Int8Array(objects.count).fill(ABSENT);
    let objectCount = 0;
    for (let g = 0; g < objects.count; g++) {
      if (objects.types[g] !== type) continue;
      const counted = group.holdsObject(g);
      groundTruthStates[g] = counted ? VALID : IGNORED;
      if (counted) objectCount++;
    }
    // a detection outside the group is like one in a DontCare region: right if it matches, else nothing
    const covers = Float64Array.from(detectionStates, (_, d) => (group.holdsDetection(d) ? 0 : 1));
    const view = { groundTruthStates, detectionStates, objectCount };
    return { table: { ...table, covers }, view, scores: found.values, limit };
  };
  return {
    measures: [
      { name: "bev", averagePrecision: (group) => averagePrecision(problem(tables.bev, group)) },
      { name: "3d", averagePrecision: (group) => averagePrecision(problem(tables["3d"], group)) },
    ],
    ceiling: (objectCount) => levelResult(recallThresholds(new Array(objectCount).fill(1), objectCount).fill(1)).r40,
    hitsOverall: (group) => new Matcher(problem(tables["3d"], group)).collectScores().length,
    atScore: (group, score) => {
      const pairs: { g: number; d: number }[] = [];
      const counts = { truePositives: 0, falsePositives: 0, similarity: 0 };
      new Matcher(problem(tables["3d"], group)).countInto(score, counts, (g, d) => pairs.push({ g, d }));
      return { pairs, falsePositives: counts.falsePositives };
    },
  };
}

function averagePrecision(problem: MatchProblem): number {
  const matcher = new Matcher(problem);
  const counts = { truePositives: 0, falsePositives: 0, similarity: 0 };
  const precisions = recallThresholds(matcher.collectScores(), problem.view.objectCount).map((threshold) => {
    matcher.countInto(threshold, counts);
    // where an ignored object takes the only answer the official code divides 0 by 0; no hit is no precision
    return counts.truePositives === 0 ? 0 : counts.truePositives / (counts.truePositives + counts.falsePositives);
  });
  return levelResult(precisions).r40;
}

function classTables({ objects, found }: FrameColumns, type: number, limit: number) {
  const places = groundRectangles(objects);
  const foundPlaces = groundRectangles(found);
  const bev = new TableBuilder(objects, found, limit);
  const space = new TableBuilder(objects, found, limit);
  for (let f = 0; f + 1 < found.frameStarts.length; f++) {
    for (let g = objects.frameStarts[f]; g < objects.frameStarts[f + 1]; g++) {
      for (let d = found.frameStarts[f]; d < found.frameStarts[f + 1]; d++) {
        if (objects.types[g] !== type || found.types[d] !== type) continue;
        const shared = intersectionArea(foundPlaces, d, places, g);
        if (shared === 0) continue;
        bev.addPair(d, groundOverlapAt(shared, found, d, objects, g));
        space.addPair(d, spaceOverlapAt(shared, found, d, objects, g));
      }
      bev.closeRow(g);
      space.closeRow(g);
    }
  }
  return { bev: bev.table(), "3d": space.table() };
}
