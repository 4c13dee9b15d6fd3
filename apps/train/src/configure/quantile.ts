/** The value that a share of the values, 0 to 1, does not exceed: one of them. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.round(share * (sorted.length - 1))];
}

/** As a recipe shows it. */
export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
