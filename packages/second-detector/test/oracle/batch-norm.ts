/** Batch norm over the rows of [n, c], then ReLU, in plain float64 loops. */
export function batchNormReluOracle(
  x: ArrayLike<number>,
  { gamma, beta, epsilon, relu }: { gamma: ArrayLike<number>; beta: ArrayLike<number>; epsilon: number; relu: boolean },
): { y: number[]; mean: number[]; variance: number[] } {
  const channels = gamma.length;
  const rows = x.length / channels;
  const y = new Array<number>(x.length);
  const mean: number[] = [];
  const variance: number[] = [];
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += x[r * channels + c];
    mean.push(sum / rows);
    let squares = 0;
    for (let r = 0; r < rows; r++) squares += (x[r * channels + c] - mean[c]) ** 2;
    variance.push(squares / rows);
    for (let r = 0; r < rows; r++) {
      const value = (gamma[c] * (x[r * channels + c] - mean[c])) / Math.sqrt(variance[c] + epsilon) + beta[c];
      y[r * channels + c] = relu ? Math.max(value, 0) : value;
    }
  }
  return { y, mean, variance };
}
