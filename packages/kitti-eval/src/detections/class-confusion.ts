import { groundRectangles, intersectionArea } from "../ground-rectangles.js";
import { groundOverlapAt } from "../overlap.js";
import type { FrameColumns } from "./detection-columns.js";

/** Detections of one class that lie on objects of another. */
export interface Confusion {
  /** Class of the detections. */
  readonly detected: string;
  /** Type of the objects; also one that is no class of the evaluation. */
  readonly object: string;
  readonly count: number;
}

/**
 * Detections of at least a score whose footprint overlaps an object of another type and none of its own; each counts
 * for the object that it overlaps most. An object without points is nobody's, but for detections of its own type.
 * @returns only what occurs, the most frequent first
 */
export function classConfusion(
  { types, objects, found }: FrameColumns,
  classCount: number,
  score: number,
): Confusion[] {
  const places = groundRectangles(objects);
  const foundPlaces = groundRectangles(found);
  const otherType = (d: number, from: number, to: number): number => {
    let best = -1;
    let most = 0;
    for (let g = from; g < to; g++) {
      const overlap = groundOverlapAt(intersectionArea(foundPlaces, d, places, g), found, d, objects, g);
      if (overlap > 0 && objects.types[g] === found.types[d]) return -1;
      if (overlap > most && objects.values[g] !== 0) {
        best = objects.types[g];
        most = overlap;
      }
    }
    return best;
  };
  const counts = new Map<number, Confusion>();
  for (let f = 0; f + 1 < found.frameStarts.length; f++) {
    for (let d = found.frameStarts[f]; d < found.frameStarts[f + 1]; d++) {
      if (found.types[d] >= classCount || found.values[d] < score) continue;
      const other = otherType(d, objects.frameStarts[f], objects.frameStarts[f + 1]);
      if (other < 0) continue;
      const key = found.types[d] * types.length + other;
      const count = (counts.get(key)?.count ?? 0) + 1;
      counts.set(key, { detected: types[found.types[d]], object: types[other], count });
    }
  }
  const names = (of: Confusion) => `${of.detected}\n${of.object}`;
  return [...counts.values()].sort((a, b) => b.count - a.count || (names(a) < names(b) ? -1 : 1));
}
