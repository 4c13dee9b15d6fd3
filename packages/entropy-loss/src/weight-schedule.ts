/**
 * How much of its weight the loss has at a time of the training: it rises from 0 to 1 between the two times of `rise` and
 * falls from 1 to 0 between those of `fall`. Times are shares of the training, 0 to 1.
 */
export interface WeightSchedule {
  /** left out: whole from the beginning */
  readonly rise?: readonly [begin: number, end: number] | undefined;
  /** left out: whole to the end */
  readonly fall?: readonly [begin: number, end: number] | undefined;
  /** of both ramps: a straight line (default), or half a cosine, which starts and ends without a bend */
  readonly shape?: "linear" | "cosine" | undefined;
}

/**
 * The factor of a weight at a time, 0 to 1.
 * @param time share of the training that is over, 0 to 1
 * @throws RangeError for a time or ramps outside of 0..1, a ramp that ends before it begins, or an unknown shape
 */
export function weightAt(time: number, { rise, fall, shape = "linear" }: WeightSchedule = {}): number {
  if (!(time >= 0 && time <= 1)) throw new RangeError(`weightAt: expected 0 to 1 for time, got ${time}`);
  if (shape !== "linear" && shape !== "cosine") {
    throw new RangeError(`weightAt: expected linear or cosine for shape, got ${String(shape)}`);
  }
  const bend = (share: number) => (shape === "cosine" ? (1 - Math.cos(Math.PI * share)) / 2 : share);
  const risen = rise === undefined ? 1 : bend(ramp("rise", time, rise));
  const fallen = fall === undefined ? 0 : bend(ramp("fall", time, fall));
  return risen * (1 - fallen);
}

/** 0 before `begin`, 1 from `end` on, a straight line between. */
function ramp(name: string, time: number, [begin, end]: readonly [number, number]): number {
  if (!(begin >= 0 && begin <= end && end <= 1)) {
    throw new RangeError(`weightAt: expected 0 ≤ begin ≤ end ≤ 1 for ${name}, got [${begin}, ${end}]`);
  }
  if (time >= end) return 1;
  return time <= begin ? 0 : (time - begin) / (end - begin);
}
