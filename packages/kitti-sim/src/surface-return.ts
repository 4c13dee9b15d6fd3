import type { Material } from "./materials.js";

/** From here on the reading falls with distance, as it does in KITTI's scans: 0.0105 a metre. */
const FLAT_UP_TO = 20;
const FALL_OFF = 0.0105;

/** Share of returns lost whatever the surface, and the power at which half of the others are. */
const LOST = 0.015;
const HALF_POWER = 0.006;
/** Distance at which the power of a surface is its strength. */
const POWER_DISTANCE = 50;

/**
 * Share of the light that comes back from a surface, 0..1 and more for retroreflectors.
 * @param cosine of the angle between ray and normal, 0..1
 */
export function surfaceStrength({ reflectance, gloss, retroreflection }: Material, cosine: number): number {
  return reflectance * cosine ** gloss + retroreflection;
}

/**
 * The sensor's reading for a return: KITTI's files have it in steps of 0.01, at most 0.99. Within 20 m the HDL-64E evens
 * out distance; farther away the reading falls until it is 0, with the point still there.
 * @param strength see {@link surfaceStrength}, with its noise
 */
export function intensityReading(strength: number, distance: number): number {
  const reading = strength - FALL_OFF * Math.max(0, distance - FLAT_UP_TO);
  return Math.round(100 * Math.min(0.99, Math.max(0, reading))) / 100;
}

/**
 * How likely a return is strong enough to be noticed: the power falls with the square of the distance and as the ray
 * grazes the surface.
 * @returns 0..1
 */
export function returnProbability(strength: number, cosine: number, distance: number): number {
  const power = strength * cosine * (POWER_DISTANCE / distance) ** 2;
  return ((1 - LOST) * power * power) / (power * power + HALF_POWER * HALF_POWER);
}
