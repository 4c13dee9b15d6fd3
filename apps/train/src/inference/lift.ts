import { roadHeight } from "point-cloud-io";
import type { Predictions } from "second-detector";
import { learntRoad } from "second-weights";

/** How far up a scan is moved before a detector looks at it: metres, or as far as brings its road where the detector learnt it. */
export type Lift = number | "road";

const COLUMNS = ["x", "y", "z", "intensity"];

/** Metres between roads above which a detector finds little. */
const FAR = 0.5;

/** The metres of a lift for one scan. @throws Error if the road is not to be seen */
export function metresOf(lift: Lift, points: Float32Array): number {
  if (lift !== "road") return lift;
  const road = roadHeight({ points, columns: COLUMNS });
  if (road === undefined) throw new Error("expected points 3 to 15 m away for --lift road, to see where the road is");
  return learntRoad - road;
}

/** [n, 4] Points moved up. */
export function lifted(points: Float32Array, metres: number): Float32Array {
  if (metres === 0) return points;
  return points.map((value, i) => (i % 4 === 2 ? value + metres : value));
}

/** Boxes that were found in a lifted scan, where they are in the scan itself. */
export function lowered(found: Predictions, metres: number): Predictions {
  if (metres === 0) return found;
  return { ...found, boxes: found.boxes.map((value, i) => (i % 7 === 2 ? value - metres : value)) };
}

/** What is doubtful in the height of a scan's road for published weights, in a sentence. */
export function roadDoubt(points: Float32Array): string | undefined {
  const road = roadHeight({ points, columns: COLUMNS });
  if (road === undefined || Math.abs(road - learntRoad) <= FAR) return undefined;
  const metres = Math.round(10 * road) / 10 + 0; // never −0
  return (
    `the road seems to lie at z = ${metres} m, where these weights learnt it at ${learntRoad} m: ` +
    "little will be found without --lift road"
  );
}
