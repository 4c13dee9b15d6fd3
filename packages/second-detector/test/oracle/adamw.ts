/**
 * AdamW in float64 without running averages: both moments of step t are sums over all gradients so far.
 * @param gradients of steps 1 to n, each of the weights' length
 * @returns the weights after n steps
 */
export function adamwOracle(
  weights: readonly number[],
  gradients: readonly (readonly number[])[],
  {
    rates,
    betas,
    weightDecay,
    epsilon,
  }: { rates: readonly number[]; betas: readonly [number, number]; weightDecay: number; epsilon: number },
): number[] {
  return weights.map((start, i) => {
    let w = start;
    for (let t = 1; t <= gradients.length; t++) {
      const average = (beta: number, power: number) => {
        let sum = 0;
        for (let s = 1; s <= t; s++) sum += (1 - beta) * beta ** (t - s) * gradients[s - 1][i] ** power;
        return sum / (1 - beta ** t);
      };
      const rate = rates[t - 1];
      w = w - rate * weightDecay * w - (rate * average(betas[0], 1)) / (Math.sqrt(average(betas[1], 2)) + epsilon);
    }
    return w;
  });
}
