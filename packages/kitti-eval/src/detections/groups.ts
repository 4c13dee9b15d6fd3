import { distanceOf, type FrameColumns } from "./detection-columns.js";

/** From `from` up to `to`; `null` means no end. */
export interface Band {
  readonly from: number;
  /** Upper bound, not inside; `null` for the last band. */
  readonly to: number | null;
}

/** A part of the objects whose average precision is of interest. */
export interface Group {
  /** whether an object must be found; all others of the class are ignored */
  readonly holdsObject: (g: number) => boolean;
  /** whether a detection that matches nothing is a false one here */
  readonly holdsDetection: (d: number) => boolean;
}

/** Everything but the objects without points. An object whose points were not counted is there. */
export function wholeGroup({ objects }: FrameColumns): Group {
  return { holdsObject: (g) => objects.values[g] !== 0, holdsDetection: () => true };
}

/** Objects of one band of distance; a detection that matches nothing counts in the band of its own distance. */
export function distanceGroup(columns: FrameColumns, band: Band): Group {
  const { objects, found } = columns;
  return {
    holdsObject: (g) => objects.values[g] !== 0 && isIn(band, distanceOf(objects, g)),
    holdsDetection: (d) => isIn(band, distanceOf(found, d)),
  };
}

/** Objects of one band of points; a detection that matches nothing has no points to tell its band, and counts in all. */
export function pointGroup({ objects }: FrameColumns, band: Band): Group {
  return {
    holdsObject: (g) => objects.values[g] !== 0 && isIn(band, objects.values[g]),
    holdsDetection: () => true,
  };
}

/** Bands from ascending lower bounds: each ends where the next begins, the last has no end. */
export function bandsFrom(bounds: readonly number[], name: string): Band[] {
  bounds.forEach((bound, i) => {
    if (!Number.isFinite(bound) || (i > 0 && bound <= bounds[i - 1])) {
      throw new RangeError(`evaluateDetections: expected ascending numbers for ${name}, got ${bounds.join(", ")}`);
    }
  });
  return bounds.map((from, i) => ({ from, to: bounds[i + 1] ?? null }));
}

function isIn({ from, to }: Band, value: number): boolean {
  return value >= from && (to === null || value < to);
}
