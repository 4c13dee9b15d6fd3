/** What the optimiser runs one step with. */
export interface OneCycleStep {
  readonly learningRate: number;
  readonly beta1: number;
}

/** Numbers of {@link oneCycle} that stay the same over a run. */
export interface OneCycleOptions {
  readonly totalSteps: number;
  /** Before the ratios. */
  readonly learningRate: number;
  readonly betas: readonly [beta1: number, beta2: number];
  readonly oneCycle: {
    /** Learning rate at the peak, over that of the start. */
    readonly peakRatio: number;
    /** Learning rate at the end, over that of the start. */
    readonly endRatio: number;
    /** Share of all steps before the peak. */
    readonly riseFraction: number;
    /** beta1 at the peak; it starts and ends at `betas[0]`. */
    readonly peakBeta1: number;
  };
}

/**
 * The one-cycle schedule: over the first `riseFraction` of the steps the learning rate goes from `learningRate` to
 * `peakRatio` times it, while beta1 goes from `betas[0]` to `peakBeta1`; then the rate to `endRatio` times its start and
 * beta1 back. Both along half a cosine. Matches the cyclic updaters of MMCV: ⌊riseFraction·totalSteps⌋ steps rise.
 * @param step 0 for the first
 * @throws RangeError unless 0 ≤ step < totalSteps, both whole
 */
export function oneCycle(
  step: number,
  { totalSteps, learningRate, betas, oneCycle: shape }: OneCycleOptions,
): OneCycleStep {
  if (!(Number.isInteger(totalSteps) && totalSteps > 0)) {
    throw new RangeError(`oneCycle: expected a whole number above 0 for totalSteps, got ${totalSteps}`);
  }
  if (!(Number.isInteger(step) && step >= 0 && step < totalSteps)) {
    throw new RangeError(`oneCycle: expected 0 to ${totalSteps - 1} for step, got ${step}`);
  }
  const rise = Math.floor(shape.riseFraction * totalSteps);
  if (step < rise) {
    const progress = step / rise;
    return {
      learningRate: learningRate * alongCosine(1, shape.peakRatio, progress),
      beta1: alongCosine(betas[0], shape.peakBeta1, progress),
    };
  }
  const progress = (step - rise) / (totalSteps - rise);
  return {
    learningRate: learningRate * alongCosine(shape.peakRatio, shape.endRatio, progress),
    beta1: alongCosine(shape.peakBeta1, betas[0], progress),
  };
}

function alongCosine(from: number, to: number, progress: number): number {
  return to + ((from - to) / 2) * (Math.cos(Math.PI * progress) + 1);
}
