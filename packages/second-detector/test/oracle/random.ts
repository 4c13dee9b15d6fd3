export { seededRandom } from "test-support";

/** `size` numbers in [−1, 1). */
export function randomArray(size: number, rng: () => number): Float32Array {
  return Float32Array.from({ length: size }, () => 2 * rng() - 1);
}
