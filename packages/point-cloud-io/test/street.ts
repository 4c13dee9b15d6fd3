import { seededRandom } from "test-support";

/** A scan of a flat street with walls, as a spinning sensor has it: x, y, z, intensity, ring, time. */
export function street(n: number, seed = 1): number[][] {
  const rng = seededRandom(seed);
  return Array.from({ length: n }, (_, i) => {
    const ring = i % 32;
    const angle = (2 * Math.PI * i) / n;
    const range = 4 + 40 * rng() * rng();
    const z = ring < 20 ? -1.7 + 0.05 * rng() : -1.7 + 3 * rng();
    return [range * Math.cos(angle), range * Math.sin(angle), z, rng() * rng(), ring, (0.1 * i) / n].map(Math.fround);
  });
}
