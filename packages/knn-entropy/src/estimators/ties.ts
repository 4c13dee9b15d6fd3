/** Distances of 0, which equal samples have: an estimate for densities means little where there are many. */
export interface Ties {
  /** samples whose k-th neighbour is at distance 0 */
  readonly zeroDistances: number;
  /** what that does to the estimate, and what helps; only where it matters */
  readonly warning?: string;
}

/** Zero distances of an information that are let pass: a share of the samples. */
const LET_PASS = 0.01;

/**
 * Of an entropy of order q, 1 being Shannon's: one distance of 0 makes it infinite unless a floor holds it; below order 1 a power of
 * the distance is summed, to which it adds nothing.
 */
export function tiesOfEntropy(radii: Float64Array, floor: number, q = 1): Ties {
  const without = q < 1 ? "the estimate is too low" : "the estimate is infinite";
  const effect = floor > 0 ? "the floor decides the estimate" : without;
  const help = `add noise (option noise)${floor > 0 ? "" : ", set a floor,"} or use discreteEntropy`;
  return tiesOf(radii, floor > 0 ? LET_PASS : 0, `${effect}; ${help}`);
}

/** Of a mutual information by counting: Kraskov's first estimate is far too high then, the second far too low. */
export function tiesOfInformation(radii: Float64Array, help: string): Ties {
  return tiesOf(radii, LET_PASS, `the estimate is far off; ${help}`);
}

function tiesOf(radii: Float64Array, letPass: number, consequence: string): Ties {
  const zeroDistances = radii.reduce((sum, radius) => sum + (radius === 0 ? 1 : 0), 0);
  if (zeroDistances <= letPass * radii.length) return { zeroDistances };
  const what = `${zeroDistances} of ${radii.length} distances to the k-th neighbour are 0, so samples are equal`;
  return { zeroDistances, warning: `${what} and ${consequence}` };
}
