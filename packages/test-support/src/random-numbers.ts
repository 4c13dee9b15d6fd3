/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32), so that a failing case can be made again. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `length` float32 numbers, uniform in [−1, 1). */
export function randomFloats(rng: () => number, length: number): Float32Array {
  return Float32Array.from({ length }, () => 2 * rng() - 1);
}

/** A standard normal number (Box–Muller). */
export function normal(rng: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - rng()));
  return radius * Math.cos(2 * Math.PI * rng());
}

/** `length` standard normal numbers. */
export function normalSamples(rng: () => number, length: number): Float64Array {
  return Float64Array.from({ length }, () => normal(rng));
}
