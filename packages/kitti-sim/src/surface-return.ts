import type { Material } from "./materials.js";

/** Light too weak to be read: strengths up to this read as 0. */
const FLOOR = 0.04;
/** From here on the reading falls with distance, a metre at a time. */
const FLAT_UP_TO = 20;
const FALL_OFF = 0.0105;
/** Rays that graze a surface, with less than this cosine, read less: this much for each halving. */
const GRAZING = 0.15;
const GRAZING_FALL = 0.09;

/** Share of returns lost whatever the surface, and the power at which half of the others are. */
const LOST = 0.015;
const HALF_POWER = 0.045;
/** Distance at which the power of a surface met head-on is its strength. */
const POWER_DISTANCE = 50;
/** The power falls with the cosine to this power: real roads are seen at 60 m, where the cosine is 0.03. */
const POWER_GRAZING = 0.4;

/**
 * Share of the light that comes back from a surface, 0..1 and more for retroreflectors.
 * @param cosine of the angle between ray and normal, 0..1
 */
export function surfaceStrength({ reflectance, gloss, retroreflection }: Material, cosine: number): number {
  return reflectance * cosine ** gloss + retroreflection;
}

/**
 * The sensor's reading for a return: KITTI's files have it in steps of 0.01, at most 0.99. The HDL-64E's readings behave
 * like a logarithm of the light: even up to 20 m and unless a surface is grazed, then falling step by step until they
 * are 0, with the point still there. Constants fitted to real scans.
 * @param strength see {@link surfaceStrength}, with its noise
 * @param cosine   of the angle between ray and normal, 0..1
 */
export function intensityReading(strength: number, cosine: number, distance: number): number {
  const far = FALL_OFF * Math.max(0, distance - FLAT_UP_TO);
  const grazed = GRAZING_FALL * Math.max(0, Math.log2(GRAZING / Math.max(cosine, 1e-3)));
  const reading = strength - FLOOR - far - grazed;
  return Math.round(100 * Math.min(0.99, Math.max(0, reading))) / 100;
}

/**
 * How likely a return is strong enough to be noticed: the power falls with the square of the distance and as the ray
 * grazes the surface.
 * @returns 0..1
 */
export function returnProbability(strength: number, cosine: number, distance: number): number {
  const power = strength * cosine ** POWER_GRAZING * (POWER_DISTANCE / distance) ** 2;
  return ((1 - LOST) * power * power) / (power * power + HALF_POWER * HALF_POWER);
}
