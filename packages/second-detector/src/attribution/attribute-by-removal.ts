import { type DrawOptions, drawPointsInto } from "./draw-points.js";

/** Numbers of a point: x, y, z, intensity. */
const POINT_SIZE = 4;

/** Options of {@link attributeByRemoval}. */
export interface RemovalOptions extends Partial<Omit<DrawOptions, "rng">>, Pick<DrawOptions, "rng"> {
  /** Thinned scans that are looked at, at most; two or more. */
  readonly draws: number;
  /** Told after each draw how many there are; false ends it. */
  readonly onDraw?: ((draws: number) => boolean | Promise<boolean>) | undefined;
}

/** What single points are worth to each of several outputs. */
export interface RemovalAttribution {
  /** [outputs, n] mean output over the draws in which a point stayed, less that over those in which it went */
  readonly attribution: Float32Array;
  /** [outputs, n] its standard error where one variance holds for both; infinite for a point that stayed or went less than twice, whose attribution is 0 */
  readonly standardError: Float32Array;
  /** [outputs] mean over all draws */
  readonly mean: Float64Array;
  /** draws that were made */
  readonly draws: number;
}

/** Which parts of a scan are thinned out most: on the way to 50 m a scanner's points become some ten times sparser. */
const KEEP: DrawOptions["keep"] = { near: 0.3, far: 0.7, reach: 50 };
/** OccAM has 0.2 m; cubes of twice that tell as much with a quarter of the draws, and are still smaller than what is to be told apart. */
const CELL = 0.4;

/**
 * Which points outputs hang on, found by taking points away at random: the way of OccAM (Schinagl et al., CVPR 2022). A scan is
 * thinned out many times, cell by cell, less of it where its points are sparse, and a point is worth
 *
 *     mean(output | it stayed) − mean(output | it went)
 *
 * The published code takes the first mean alone, which is the same but for a constant where the probability is, and has no
 * standard error. One look at a thinned scan serves all outputs. Neighbours share cells, so what is found is smooth over a cell's side,
 * and points that say the same share what they are worth. The model is a black box.
 *
 * @param points  [n, 4] x, y, z in metres (sensor at the origin), intensity
 * @param measure outputs [outputs] of a thinned scan [k, 4], points in their order; its array is read at once
 * @param options cell: default 0.4 m; keep: default 30 % at the sensor to 70 % at 50 m; rng: the same numbers give the same result
 * @throws RangeError for points that are no [n, 4], fewer than two draws, a cell or probability out of range, or outputs that are not
 *   finite or change in number
 */
export async function attributeByRemoval(
  points: Float32Array,
  measure: (kept: Float32Array) => ArrayLike<number> | Promise<ArrayLike<number>>,
  { draws, rng, cell = CELL, keep = KEEP, onDraw = () => true }: RemovalOptions,
): Promise<RemovalAttribution> {
  check(points, draws, { cell, keep });
  const n = points.length / POINT_SIZE;
  const stays = new Uint8Array(n);
  const stayed = new Int32Array(n);
  let sums: StayedSums | undefined;
  let done = 0;
  for (let goesOn = true; goesOn && done < draws; ) {
    const kept = takePoints(points, stays, drawPointsInto(points, { cell, keep, rng }, stays));
    const outputs = await measure(kept);
    sums ??= startSums(outputs.length, n);
    checkOutputs(outputs, sums.total.length);
    for (let i = 0; i < n; i++) stayed[i] += stays[i];
    addDraw(sums, outputs, stays);
    done += 1;
    goesOn = (await onDraw(done)) !== false; // a function that only looks returns nothing
  }
  return { ...differences(sums!, stayed, done), draws: done };
}

/** Sums of outputs, over all draws and over those in which a point stayed. */
interface StayedSums {
  /** [outputs] */
  readonly total: Float64Array;
  readonly totalSquares: Float64Array;
  /** [outputs, n] */
  readonly kept: Float64Array;
}

function startSums(outputs: number, n: number): StayedSums {
  const [total, totalSquares, kept] = [outputs, outputs, outputs * n].map((length) => new Float64Array(length));
  return { total, totalSquares, kept };
}

function addDraw(sums: StayedSums, outputs: ArrayLike<number>, stays: Uint8Array): void {
  const n = stays.length;
  const { kept } = sums;
  for (let output = 0; output < outputs.length; output++) {
    const value = outputs[output];
    if (value === 0) continue;
    sums.total[output] += value;
    sums.totalSquares[output] += value * value;
    for (let i = 0, at = output * n; i < n; i++, at++) if (stays[i] === 1) kept[at] += value;
  }
}

function differences(
  { total, totalSquares, kept }: StayedSums,
  stayed: Int32Array,
  draws: number,
): Omit<RemovalAttribution, "draws"> {
  const n = stayed.length;
  const attribution = new Float32Array(kept.length);
  const standardError = new Float32Array(kept.length).fill(Number.POSITIVE_INFINITY);
  for (let output = 0; output < total.length; output++) {
    for (let i = 0, at = output * n; i < n; i++, at++) {
      const [stay, go] = [stayed[i], draws - stayed[i]];
      if (stay < 2 || go < 2) continue;
      const [keptSum, goneSum] = [kept[at], total[output] - kept[at]];
      attribution[at] = keptSum / stay - goneSum / go;
      // One variance for both: the few draws in which a point stayed would give theirs but roughly.
      const squares = totalSquares[output] - (keptSum * keptSum) / stay - (goneSum * goneSum) / go;
      standardError[at] = Math.sqrt((Math.max(0, squares) / (draws - 2)) * (1 / stay + 1 / go));
    }
  }
  return { attribution, standardError, mean: total.map((sum) => sum / draws) };
}

function takePoints(points: Float32Array, stays: Uint8Array, count: number): Float32Array {
  const taken = new Float32Array(POINT_SIZE * count);
  let to = 0;
  for (let i = 0; i < stays.length; i++) {
    if (stays[i] === 0) continue;
    for (let c = 0; c < POINT_SIZE; c++) taken[to++] = points[POINT_SIZE * i + c];
  }
  return taken;
}

function check(points: Float32Array, draws: number, { cell, keep }: Pick<DrawOptions, "cell" | "keep">): void {
  const wrong = (what: string, name: string, got: unknown) =>
    new RangeError(`attributeByRemoval: expected ${what} for ${name}, got ${got}`);
  if (points.length % POINT_SIZE !== 0) throw wrong("[n, 4] numbers", "points", points.length);
  if (!Number.isInteger(draws) || draws < 2) throw wrong("a whole number of 2 or more", "draws", draws);
  if (!(cell > 0 && cell < Number.POSITIVE_INFINITY)) throw wrong("a positive number", "cell", cell);
  if (!(keep.reach > 0)) throw wrong("a positive number", "keep.reach", keep.reach);
  for (const end of ["near", "far"] as const) {
    if (!(keep[end] > 0 && keep[end] < 1)) throw wrong("a number between 0 and 1", `keep.${end}`, keep[end]);
  }
}

function checkOutputs(outputs: ArrayLike<number>, count: number): void {
  if (outputs.length !== count) {
    throw new RangeError(`attributeByRemoval: expected ${count} outputs of every draw, got ${outputs.length}`);
  }
  for (let i = 0; i < count; i++) {
    if (Number.isFinite(outputs[i])) continue;
    throw new RangeError(`attributeByRemoval: expected finite outputs, got ${outputs[i]} for output ${i}`);
  }
}
