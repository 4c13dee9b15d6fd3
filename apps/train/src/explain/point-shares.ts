import { boxOfEachPoint } from "lidar-augment";
import type { RemovalAttribution } from "second-detector";

/** Standard errors that an attribution has to exceed: of 20 000 points that are worth nothing, some five get beyond. */
const SURE = 3.5;

/**
 * The part of one output's attribution that chance does not explain: what exceeds 3.5 standard errors, with its sign; 0 else.
 * @returns [n]
 */
export function sureAttribution(
  { attribution, standardError }: Pick<RemovalAttribution, "attribution" | "standardError">,
  output: number,
  n: number,
): Float32Array {
  return Float32Array.from({ length: n }, (_, i) => {
    const [value, error] = [attribution[output * n + i], standardError[output * n + i]];
    const beyond = Math.abs(value) - SURE * error;
    return beyond > 0 ? Math.sign(value) * beyond : 0;
  });
}

/** [n] length of the gradient of each point: what a logit changes by as x, y, z and intensity move by 0.1 in the direction that changes it most. */
export function gradientLengths(gradient: Float32Array): Float32Array {
  return Float32Array.from(
    { length: gradient.length / 4 },
    (_, i) => 0.1 * Math.hypot(...gradient.subarray(4 * i, 4 * i + 4)),
  );
}

/**
 * Which share of what speaks for a box lies inside of it; what speaks against it does not count.
 * @param points [n, 4]
 * @param worth  [n]
 * @param box    [7]
 * @param margin metres by which the box is taken larger on every side
 * @returns 0..1; null where nothing speaks for it
 */
export function shareInBox(
  points: Float32Array,
  worth: Float32Array,
  { box, margin = 0 }: { readonly box: ArrayLike<number>; readonly margin?: number },
): number | null {
  const owners = boxOfEachPoint(points, grown(box, margin));
  let [inside, all] = [0, 0];
  worth.forEach((value, i) => {
    if (value <= 0) return;
    all += value;
    if (owners[i] === 0) inside += value;
  });
  return all > 0 ? inside / all : null;
}

/** [7] */
function grown(box: ArrayLike<number>, margin: number): Float64Array {
  return Float64Array.from(box, (value, i) => (i >= 3 && i < 6 ? value + 2 * margin : value));
}
