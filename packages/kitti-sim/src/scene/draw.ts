/** Numbers in [0, 1). */
export type Rng = () => number;

/** A number between two, evenly. */
export function between(rng: Rng, low: number, high: number): number {
  return low + (high - low) * rng();
}

/** One of some values, each as likely as the others. */
export function pick<const Value>(rng: Rng, values: readonly Value[]): Value {
  return values[Math.floor(rng() * values.length)];
}

/** One of some values by their weights (of any sum). */
export function pickWeighted<const Value>(rng: Rng, choices: readonly (readonly [Value, number])[]): Value {
  let left = rng() * choices.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [value, weight] of choices) {
    left -= weight;
    if (left < 0) return value;
  }
  return choices[choices.length - 1][0];
}

/** A normal number, mean 0, deviation 1, cut off at 2.4 either way: the sum of twelve. */
export function normal(rng: Rng): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += rng();
  return Math.max(-2.4, Math.min(2.4, sum));
}
