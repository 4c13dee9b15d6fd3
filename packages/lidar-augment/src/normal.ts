/** A number of the standard normal distribution (Box and Muller 1958), from two uniform ones. */
export function normal(rng: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
}
