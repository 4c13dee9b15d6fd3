import type { DetectorConfig } from "second-detector";
import { networkInput } from "../frames/network-input.js";
import type { VisibleFrame } from "../frames/visible-frame.js";
import { type Detector, predictFrame } from "../inference/predict-frame.js";
import { randomStream, shuffledIndices } from "../system/random.js";

/** How active a layer is in each cell of its map, over the whole range of the detector. */
export interface ActivityMap {
  /** [height (y), width (x)] */
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
}

/** Whether the activity of a layer shows what its detections hang on; shares of their scores, 0 is no better than chance. */
export interface DeletionFigures {
  /** what is lost when the points of the most active cells are taken away, less what is lost with as many cells at random */
  readonly deletion: number;
  /** what is found when the points of those cells alone are left, less the same with cells at random */
  readonly insertion: number;
}

/** Of the cells that hold points. */
const SHARES = [0.05, 0.1, 0.2, 0.4] as const;
/** Detections from this score on are watched. */
const SURE = 0.3;
/** How far the centre of a box may move and be the same box, metres in the plane. */
const SAME_PLACE = 1;

/**
 * Deletion and insertion (Petsiuk, Das, Saenko 2018) of cells of a map, means over shares of 5 to 40 %.
 * @returns undefined if nothing sure is found in the frame
 */
export async function deletionFigures(
  detector: Detector,
  frame: VisibleFrame,
  activity: ActivityMap,
): Promise<DeletionFigures | undefined> {
  const find = async (points: Float32Array): Promise<Found> =>
    predictFrame(detector, networkInput({ ...frame, points }, detector.config));
  const all = await find(frame.points);
  if (keptScore(all, all) === undefined) return undefined;
  const cells = cellsOfPoints(frame.points, detector.config, activity);
  const occupied = [...new Set(cells)].filter((cell) => cell >= 0).sort((a, b) => a - b);
  const active = [...occupied].sort((a, b) => activity.values[b] - activity.values[a]);
  const rng = randomStream(0, `order of cells of frame ${frame.id}`);
  const random = [...shuffledIndices(occupied.length, rng)].map((i) => occupied[i]);
  let [deletion, insertion] = [0, 0];
  for (const share of SHARES) {
    const count = Math.round(share * occupied.length);
    for (const [order, sign] of [
      [active, 1],
      [random, -1],
    ] as const) {
      const chosen = new Set(order.slice(0, count));
      const without = await find(pointsWhere(frame.points, (i) => !chosen.has(cells[i])));
      const alone = await find(pointsWhere(frame.points, (i) => chosen.has(cells[i])));
      deletion += (sign * (1 - keptScore(all, without)!)) / SHARES.length;
      insertion += (sign * keptScore(all, alone)!) / SHARES.length;
    }
  }
  return { deletion, insertion };
}

/** Boxes [k, 7], scores and labels. */
interface Found {
  readonly boxes: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

/**
 * The share of the sure detections' scores that is still there: of each, the best box of its class within 1 m, counted up to what it was.
 * @returns 0..1; undefined without a sure detection
 */
export function keptScore(before: Found, now: Found): number | undefined {
  let [total, kept] = [0, 0];
  for (let i = 0; i < before.scores.length; i++) {
    if (before.scores[i] < SURE) continue;
    total += before.scores[i];
    let best = 0;
    for (let j = 0; j < now.scores.length; j++) {
      const [dx, dy] = [0, 1].map((axis) => now.boxes[7 * j + axis] - before.boxes[7 * i + axis]);
      if (now.labels[j] === before.labels[i] && Math.hypot(dx, dy) <= SAME_PLACE) best = Math.max(best, now.scores[j]);
    }
    kept += Math.min(best, before.scores[i]);
  }
  return total === 0 ? undefined : kept / total;
}

/** The cell of a map that each point falls into; −1 outside of the range. */
export function cellsOfPoints(
  points: Float32Array,
  { pointRange: [x0, y0, z0, x1, y1, z1] }: Pick<DetectorConfig, "pointRange">,
  { height, width }: Pick<ActivityMap, "height" | "width">,
): Int32Array {
  return Int32Array.from({ length: points.length / 4 }, (_, i) => {
    const [x, y, z] = points.subarray(4 * i, 4 * i + 3);
    if (!(x >= x0 && x < x1 && y >= y0 && y < y1 && z >= z0 && z < z1)) return -1;
    const column = Math.min(width - 1, Math.floor(((x - x0) / (x1 - x0)) * width));
    const row = Math.min(height - 1, Math.floor(((y - y0) / (y1 - y0)) * height));
    return row * width + column;
  });
}

function pointsWhere(points: Float32Array, keep: (index: number) => boolean): Float32Array {
  return points.filter((_, i) => keep(Math.floor(i / 4)));
}
