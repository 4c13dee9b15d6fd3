import { seededRandom } from "test-support";

/** `count` numbers in [−1, 1) that depend on the name alone, as `scripts/camera-fixture.py` makes them. */
export function namedNumbers(name: string, count: number): Float32Array {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  const rng = seededRandom(seed);
  return Float32Array.from({ length: count }, () => 2 * rng() - 1);
}

/** What stands for an array in a fixture: first values, Euclidean length, products with four vectors of named numbers. */
export interface Digest {
  readonly size: number;
  readonly first: readonly number[];
  readonly length: number;
  readonly products: readonly number[];
}

/**
 * Largest difference of `values` from what the digest tells, over the size that an error of one part in one would have:
 * the array's length for the products, its root-mean-square for single values.
 * @param floor least length to compare with: for an array that is zero but for rounding
 */
export function digestError(values: ArrayLike<number>, digest: Digest, floor = 1e-6): number {
  if (values.length !== digest.size) return Number.POSITIVE_INFINITY;
  const all = Float64Array.from(values);
  const length = Math.sqrt(all.reduce((sum, v) => sum + v * v, 0));
  const scale = Math.max(digest.length, floor);
  const typical = scale / Math.sqrt(all.length);
  const products = digest.products.map((product, j) => {
    const vector = namedNumbers(`digest ${j}`, all.length);
    return Math.abs(all.reduce((sum, v, i) => sum + v * vector[i], 0) - product) / scale;
  });
  const first = digest.first.map((value, i) => Math.abs(all[i] - value) / Math.max(typical, Math.abs(value)));
  return Math.max(Math.abs(length - digest.length) / scale, ...products, ...first);
}
