import type { FrameColumns } from "./detection-columns.js";

/** Mean absolute errors of matched boxes: metres, degrees. */
export interface MatchErrors {
  /** Distance of the centres in the plane. */
  readonly centre: number;
  readonly z: number;
  readonly length: number;
  readonly width: number;
  readonly height: number;
  /** Degrees between the axes, 0..90: a box turned the wrong way round has no error but counts as flipped. */
  readonly heading: number;
  /** Share of the boxes whose heading is off by more than 90 degrees, 0..1. */
  readonly flipped: number;
}

/** Means over the matches; `null` if there are none. */
export function matchErrors(
  { objects, found }: FrameColumns,
  pairs: readonly { readonly g: number; readonly d: number }[],
): MatchErrors | null {
  if (pairs.length === 0) return null;
  const mean = (error: (difference: readonly number[]) => number) =>
    pairs.reduce((sum, { g, d }) => {
      const difference = Array.from({ length: 7 }, (_, i) => found.boxes[7 * d + i] - objects.boxes[7 * g + i]);
      return sum + error(difference);
    }, 0) / pairs.length;
  return {
    centre: mean(([dx, dy]) => Math.hypot(dx, dy)),
    z: mean(([, , dz]) => Math.abs(dz)),
    length: mean(([, , , length]) => Math.abs(length)),
    width: mean(([, , , , width]) => Math.abs(width)),
    height: mean(([, , , , , height]) => Math.abs(height)),
    heading: mean((difference) => {
      const turn = turnBetween(difference[6]);
      return (Math.min(turn, Math.PI - turn) * 180) / Math.PI;
    }),
    flipped: mean((difference) => (turnBetween(difference[6]) > Math.PI / 2 ? 1 : 0)),
  };
}

/** The smaller angle between two headings, 0..π. */
function turnBetween(difference: number): number {
  const turn = Math.abs(difference) % (2 * Math.PI);
  return Math.min(turn, 2 * Math.PI - turn);
}
