import type { Predictions } from "second-detector";

/** Which detections are wanted. */
export interface WantedDetections {
  /** lowest score, where no numbers are given */
  readonly score: number;
  /** by their numbers among those found, best first, from 1 */
  readonly objects?: readonly number[] | undefined;
  /** of the frame, for messages */
  readonly id: string;
  /** below which the detector says nothing at all */
  readonly threshold: number;
}

/**
 * Places of the wanted detections among those found.
 * @throws Error if there is none, or no such number, saying what there is
 */
export function chooseDetections(
  { scores }: Pick<Predictions, "scores">,
  { score, objects, id, threshold }: WantedDetections,
): number[] {
  if (scores.length === 0) {
    throw new Error(
      `explain: expected a detection in frame ${id}, got none of score ${threshold} or more, the least that the detector tells of; ` +
        "take another frame, or other weights",
    );
  }
  if (objects !== undefined) {
    const odd = objects.find((number) => number > scores.length);
    if (odd === undefined) return [...new Set(objects)].map((number) => number - 1);
    throw new Error(
      `--object ${odd}: expected a number from 1 to ${scores.length}, as many as there are detections in frame ${id}, the best first`,
    );
  }
  const rows = Array.from(scores.keys()).filter((row) => scores[row] >= score);
  if (rows.length > 0) return rows;
  const best = Math.floor(100 * scores[0]) / 100;
  throw new Error(
    `explain: expected a detection of score ${score} or more in frame ${id}, the best has ${scores[0].toFixed(2)}; give --score ${best}, or --object 1`,
  );
}
