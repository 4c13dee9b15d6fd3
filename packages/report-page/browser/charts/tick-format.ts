/** Numbers of the axis that need more digits than there is room for beside a plot: `100,000`, `0.00005`. */
const LARGE = 5e4;
const SMALL = 5e-4;

/**
 * How an axis writes its numbers: undefined, as they are, where that is short, else as `2.5e9`.
 * @param values that are drawn; what is no number does not count
 */
export function tickFormat(values: Iterable<number | null | undefined>): ((tick: number) => string) | undefined {
  let most = 0;
  for (const value of values) if (value != null && Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most >= LARGE || (most > 0 && most < SMALL) ? byPowersOfTen : undefined;
}

function byPowersOfTen(tick: number): string {
  return tick === 0
    ? "0"
    : tick
        .toExponential(2)
        .replace(/\.?0+e/, "e")
        .replace("+", "");
}
