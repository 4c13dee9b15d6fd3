/** Inputs and the class of each. */
export interface Examples {
  /** [n, height, width, 1] */
  readonly inputs: Float32Array;
  /** [n], 0 .. classes − 1 */
  readonly labels: Int32Array;
}

/** Something to tell apart whose examples are made by a formula. */
export interface Task {
  /** what the classes are, in the plural */
  readonly classes: readonly string[];
  readonly name: string;
  /** of an input */
  readonly shape: readonly [height: number, width: number];
  /** of each convolution of the classifier */
  readonly kernel: readonly [height: number, width: number];
  /** standard deviation of the normal noise on every number, in training and test */
  readonly noise: number;
  /** examples with noise of that deviation */
  readonly draw: (count: number, noise: number, rng: () => number) => Examples;
}

/** Normal numbers by Box–Muller. */
export function normal(rng: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
}
