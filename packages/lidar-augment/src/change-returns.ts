import { checkScan, type LabelledScan, POINT_SIZE, takePoints } from "./labelled-scan.js";

/** Settings of {@link changeReturns}; those left out change nothing. */
export interface ReturnOptions {
  /** points that a scan loses at random, as a share: uniform from 0 to this, 0..1; default 0 */
  readonly lost?: number;
  /** probability that every intensity of a scan is 0, as where a sensor has none; default 0 */
  readonly withoutIntensity?: number;
  /** factor of all intensities of a scan, uniform between the two; they stay below 1; default 1, 1 */
  readonly intensityScaling?: readonly [number, number];
  /** uniform in 0..1 */
  readonly rng: () => number;
}

/**
 * The scan as another sensor might have returned it: fewer points, other readings. Boxes stay, also those that lose all points.
 * Draws the same numbers of `rng` for a scan whatever the settings are.
 * @throws RangeError if the arrays do not fit each other, or a setting is out of range
 */
export function changeReturns(
  scan: LabelledScan,
  { lost = 0, withoutIntensity = 0, intensityScaling: [least, most] = [1, 1], rng }: ReturnOptions,
): LabelledScan {
  checkScan("changeReturns", scan);
  for (const [name, value] of Object.entries({ lost, withoutIntensity })) {
    if (!(value >= 0 && value <= 1)) throw new RangeError(`changeReturns: expected 0..1 for ${name}, got ${value}`);
  }
  if (!(least >= 0 && least <= most && Number.isFinite(most))) {
    throw new RangeError(
      `changeReturns: expected 0 <= smallest <= largest for intensityScaling, got [${least}, ${most}]`,
    );
  }
  const share = lost * rng();
  const dark = rng() < withoutIntensity;
  const drawn = least + (most - least) * rng();
  const factor = dark ? 0 : drawn;
  const points = takePoints(scan.points, () => rng() >= share);
  if (factor !== 1) {
    for (let i = POINT_SIZE - 1; i < points.length; i += POINT_SIZE) points[i] = Math.min(1, factor * points[i]);
  }
  return { ...scan, points };
}
