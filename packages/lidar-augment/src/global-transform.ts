import { BOX_SIZE, checkScan, type LabelledScan, POINT_SIZE } from "./labelled-scan.js";
import { normal } from "./normal.js";
import { wrapAngle } from "./wrap-angle.js";

/**
 * A change of the whole scene, in this order: mirror, turn, scale, move, incline. Plain data, so that others can follow it: an image
 * is mirrored where the scan is (`mirrored`), and a point of the changed scan finds its place in the unchanged one.
 */
export interface GlobalTransform {
  /** y → -y: left becomes right */
  readonly mirrored: boolean;
  /** about z, counter-clockwise from above, radians */
  readonly angle: number;
  readonly factor: number;
  /** x, y, z in metres */
  readonly offset: readonly [number, number, number];
  /** rise along x and y, metres a metre: z grows by slope · (x, y), boxes stay upright, as on a street that rises */
  readonly slope: readonly [number, number];
}

/** What {@link drawGlobalTransform} draws from; the defaults leave everything as it is. */
export interface GlobalTransformRanges {
  /** probability of mirroring; default 0 */
  readonly mirror?: number;
  /** angle uniform in ±rotation, radians; default 0 */
  readonly rotation?: number;
  /** factor uniform between the two; default 1, 1 */
  readonly scaling?: readonly [number, number];
  /** standard deviation of each number of the offset, or of x, y and z, metres; default 0 */
  readonly translation?: number | readonly [x: number, y: number, z: number];
  /** standard deviation of the slope along x and along y, metres a metre; default: none */
  readonly slope?: number;
}

/**
 * A random change of the whole scene. Draws the same numbers of `rng` whatever the ranges are, so that switching one change
 * off leaves the others as they were; a slope, which is drawn last, takes numbers only where it is asked for.
 * @param rng uniform in 0..1
 */
export function drawGlobalTransform(
  { mirror = 0, rotation = 0, scaling = [1, 1], translation = 0, slope }: GlobalTransformRanges,
  rng: () => number,
): GlobalTransform {
  const mirrored = rng() < mirror;
  const angle = rotation * (2 * rng() - 1);
  const factor = scaling[0] + (scaling[1] - scaling[0]) * rng();
  const [alongX, alongY, alongZ] =
    typeof translation === "number" ? [translation, translation, translation] : translation;
  return {
    mirrored,
    angle,
    factor,
    offset: [normal(rng) * alongX, normal(rng) * alongY, normal(rng) * alongZ],
    slope: slope === undefined ? [0, 0] : [normal(rng) * slope, normal(rng) * slope],
  };
}

/**
 * The scan after a change of the whole scene. Yaws stay in [-π, π).
 * @throws RangeError if the arrays do not fit each other, or the factor is not positive
 */
export function transformScan(
  scan: LabelledScan,
  { mirrored, angle, factor, offset, slope }: GlobalTransform,
): LabelledScan {
  checkScan("transformScan", scan);
  if (!(factor > 0 && factor < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`transformScan: expected a positive number for factor, got ${factor}`);
  }
  const sign = mirrored ? -1 : 1;
  const cos = Math.cos(angle) * factor;
  const sin = Math.sin(angle) * factor;
  const points = scan.points.slice();
  for (let p = 0; p < points.length; p += POINT_SIZE) place(scan.points, points, p);
  const boxes = scan.boxes.slice();
  for (let b = 0; b < boxes.length; b += BOX_SIZE) {
    place(scan.boxes, boxes, b);
    for (let side = 3; side < 6; side++) boxes[b + side] = scan.boxes[b + side] * factor;
    boxes[b + 6] = wrapAngle(sign * scan.boxes[b + 6] + angle);
  }
  return { points, boxes, labels: scan.labels };

  function place(from: Float32Array | Float64Array, to: Float32Array | Float64Array, at: number): void {
    const x = from[at];
    const y = sign * from[at + 1];
    to[at] = x * cos - y * sin + offset[0];
    to[at + 1] = x * sin + y * cos + offset[1];
    to[at + 2] = from[at + 2] * factor + offset[2] + slope[0] * to[at] + slope[1] * to[at + 1];
  }
}
