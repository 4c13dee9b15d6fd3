/** How far a number may be from what is expected; the parts add up, and what is not named is zero. */
export interface Tolerance {
  /** of the expected number: for results of one rounding, or of sums without cancellation */
  readonly relative?: number;
  /** of the largest expected number, or of 1 where all are zero: for sums whose terms may cancel */
  readonly ofLargest?: number;
  /** in the numbers' own unit */
  readonly absolute?: number;
  /** what the numbers are, for the message */
  readonly label?: string;
}

/**
 * Fails unless |actual − expected| ≤ relative·|expected| + ofLargest·max|expected| + absolute, for one number or for each of
 * two arrays of one length. What is not finite must be the same; the sign of zero is free.
 * @throws Error with the first number that is too far off, what was expected and what was allowed
 */
export function expectClose(
  actual: number | ArrayLike<number>,
  expected: number | ArrayLike<number>,
  { relative = 0, ofLargest = 0, absolute = 0, label = "" }: Tolerance,
): void {
  const what = label && `${label}: `;
  if (typeof actual === "number" || typeof expected === "number") {
    if (typeof actual !== typeof expected) throw new Error(`${what}expected two numbers or two arrays`);
    expectClose([actual as number], [expected as number], { relative, ofLargest, absolute, label });
    return;
  }
  if (actual.length !== expected.length) {
    throw new Error(`${what}expected ${expected.length} numbers, got ${actual.length}`);
  }
  const floor = absolute + ofLargest * (ofLargest > 0 ? largestMagnitude(expected) || 1 : 0);
  for (let i = 0; i < expected.length; i++) {
    const [is, wanted] = [actual[i], expected[i]];
    const allowed = relative * Math.abs(wanted) + floor;
    const close = Number.isFinite(wanted) ? Math.abs(is - wanted) <= allowed : Object.is(is, wanted);
    if (!close) throw new Error(`${what}number ${i} is ${is}, expected ${wanted} ± ${allowed}`);
  }
}

/** Largest magnitude of the finite entries, 0 where there are none. */
export function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i]);
    if (magnitude > largest && magnitude < Number.POSITIVE_INFINITY) largest = magnitude;
  }
  return largest;
}
