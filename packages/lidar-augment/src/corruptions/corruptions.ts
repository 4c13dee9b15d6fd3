import { cutSector, dropBeams, jitterPoints, raiseSensor } from "./sensor-faults.js";
import { fogExtinction, rainExtinction, snowExtinction, throughAir } from "./weather.js";

/** A way in which a scan can be unlike those that a detector learnt from, in five strengths. */
export interface Corruption {
  readonly name: string;
  /** what happens, and what the amounts are */
  readonly description: string;
  /** of strength 1 to 5 */
  readonly amounts: readonly [number, number, number, number, number];
  readonly unit: string;
  /** @param points [n, 4], not changed. @returns the corrupted scan, of another length perhaps */
  readonly apply: (points: Float32Array, amount: number, rng: () => number) => Float32Array;
}

const DEGREE = Math.PI / 180;

/** Of the rays that lose their surface: clouds of droplets and flakes return many, drops of rain few. A choice, and no measurement. */
const RETURNED = { fog: 0.5, rain: 0.1, snow: 0.5 } as const;

/** Corruptions in five strengths each, from what hardly shows to what leaves little of the scan. */
export const CORRUPTIONS: readonly Corruption[] = [
  {
    name: "jitter",
    description: "each point moved by a normal number on each axis, of this standard deviation",
    amounts: [0.02, 0.05, 0.1, 0.2, 0.5],
    unit: "m",
    apply: (points, deviation, rng) => jitterPoints(points, { deviation, rng }),
  },
  {
    name: "beams",
    description: "this share of 64 bands of elevation missing, as if of the sensor's beams",
    amounts: [0.1, 0.25, 0.5, 0.75, 0.9],
    unit: "",
    apply: (points, share, rng) => dropBeams(points, { share, rng }),
  },
  {
    name: "fog",
    description: "fog of this visibility (meteorological optical range)",
    amounts: [600, 300, 150, 100, 50],
    unit: "m",
    apply: (points, visibility, rng) =>
      throughAir(points, { extinction: fogExtinction(visibility), backscatter: RETURNED.fog, rng }),
  },
  {
    name: "rain",
    description: "rain of this rate",
    amounts: [10, 25, 50, 100, 200],
    unit: "mm/h",
    apply: (points, rate, rng) =>
      throughAir(points, { extinction: rainExtinction(rate), backscatter: RETURNED.rain, rng }),
  },
  {
    name: "snow",
    description: "dry snow of this rate",
    amounts: [0.5, 1, 2, 4, 8],
    unit: "mm/h",
    apply: (points, rate, rng) =>
      throughAir(points, { extinction: snowExtinction(rate), backscatter: RETURNED.snow, rng }),
  },
  {
    name: "sector",
    description: "a sector of this angle missing, somewhere where there are points",
    amounts: [10, 20, 30, 45, 60],
    unit: "°",
    apply: (points, degrees, rng) => cutSector(points, { angle: degrees * DEGREE, rng }),
  },
  {
    name: "height",
    description: "the sensor higher by this much",
    amounts: [0.1, 0.2, 0.4, 0.8, 1.2],
    unit: "m",
    apply: (points, by) => raiseSensor(points, by),
  },
];

/**
 * A scan corrupted.
 * @param points [n, 4] x, y, z, intensity; LiDAR frame, metres
 * @param options corruption: the name of one of {@link CORRUPTIONS}; strength: 0, which changes nothing, to 5; rng: uniform in 0..1, the same
 *   numbers give the same scan, bit for bit
 * @returns a scan of its own
 * @throws RangeError if there is no such corruption or strength
 */
export function corruptPoints(
  points: Float32Array,
  { corruption, strength, rng }: { readonly corruption: string; readonly strength: number; readonly rng: () => number },
): Float32Array {
  const found = CORRUPTIONS.find(({ name }) => name === corruption);
  if (found === undefined) {
    const names = CORRUPTIONS.map(({ name }) => name).join(", ");
    throw new RangeError(`corruptPoints: expected one of ${names} for corruption, got ${corruption}`);
  }
  if (!(Number.isInteger(strength) && strength >= 0 && strength <= found.amounts.length)) {
    throw new RangeError(`corruptPoints: expected 0 to ${found.amounts.length} for strength, got ${strength}`);
  }
  return strength === 0 ? points.slice() : found.apply(points, found.amounts[strength - 1], rng);
}
