import { binaryUnit, inUnit } from "./binary-unit.js";
import { edgeGradientInto } from "./edge-gradient.js";
import type { KthNeighbours, Norm, Samples } from "./samples.js";

/** A function `scale · Σ shares[i] log max(r_i, floor)` of the radii; shares are 1 where not given. */
export interface LogRadii {
  readonly scale: number;
  readonly shares?: Float64Array;
  readonly norm: Norm;
  readonly floor: number;
}

/**
 * Gradient [rows, dims] of a function of log radii, the k-th neighbours held. At extreme scales it is taken in a unit of a
 * power of two, by which its bits do not change.
 */
export function logRadiusGradient(samples: Samples, { radii, neighbours }: KthNeighbours, of: LogRadii): Float64Array {
  const gradient = new Float64Array(samples.rows * samples.dims);
  const unit = binaryUnit(samples);
  const weights = logRadiusWeights(unit === 1 ? radii : radii.map((radius) => radius * unit), {
    ...of,
    floor: of.floor * unit,
  });
  edgeGradientInto(inUnit(samples, unit), { neighbours, weights }, of.norm, gradient);
  return unit === 1 ? gradient : gradient.map((value) => value * unit);
}

/** Weights of the edges of {@link LogRadii}. */
export function logRadiusWeights(radii: Float64Array, { scale, shares, norm, floor }: LogRadii): Float64Array {
  return radii.map((radius, i) => {
    if (radius < floor || radius === 0) return 0;
    const weight = shares ? scale * shares[i] : scale;
    return norm === "max" ? weight / radius : weight / radius / radius;
  });
}
