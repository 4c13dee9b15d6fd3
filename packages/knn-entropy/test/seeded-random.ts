export { seededRandom } from "test-support";

/** Standard normal numbers (Box–Muller). */
export function normalSamples(rng: () => number, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - rng()));
    return radius * Math.cos(2 * Math.PI * rng());
  });
}
