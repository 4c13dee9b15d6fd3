import { expectClose, type Tolerance } from "./expect-close.js";

/** Slope of f at 0, (f(step) − f(−step)) / 2·step: off by step² times a third derivative, and by rounding over the step. */
export function slopeAtZero(f: (by: number) => number, step: number): number {
  return (f(step) - f(-step)) / (2 * step);
}

/** Where a gradient is checked, and how closely. */
export interface GradientCheck extends Tolerance {
  /** the place; its numbers are copied */
  readonly at: ArrayLike<number>;
  /** how far an entry is moved to either side */
  readonly step?: number;
  /** of how many entries one is moved */
  readonly every?: number;
}

/**
 * Fails unless `gradient` is the one that central differences of `f` give. A step of 1e-6 suits a smooth float64 function of
 * numbers near 1; one in float32 wants a larger one.
 * @param f is given one array, with one entry moved, and must not keep it
 */
export function expectGradient(
  gradient: ArrayLike<number>,
  f: (x: Float64Array) => number,
  { at, step = 1e-6, every = 1, label = "gradient", ...tolerance }: GradientCheck,
): void {
  if (gradient.length !== at.length) throw new Error(`${label}: expected ${at.length} numbers, got ${gradient.length}`);
  const x = Float64Array.from(at);
  const [given, measured]: [number[], number[]] = [[], []];
  for (let i = 0; i < x.length; i += every) {
    const moved = (by: number) => {
      x[i] = at[i] + by;
      return f(x);
    };
    given.push(gradient[i]);
    measured.push(slopeAtZero(moved, step));
    x[i] = at[i];
  }
  expectClose(given, measured, { ...tolerance, label: every > 1 ? `${label}, every ${every}th` : label });
}
