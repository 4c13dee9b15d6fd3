/**
 * The published loss as its code runs: a loop over channels, the k smallest distances of each, `torch.var`.
 * @param blocks taps as [image][channel][position]
 */
export function authorLoop(taps: readonly (readonly (readonly (readonly number[])[])[])[]): {
  entropies: number[];
  loss: number;
} {
  const entropies = taps.map((images) => {
    let sum = 0;
    for (const channels of images) {
      const k = Math.floor(channels.length / 10);
      for (const own of channels) {
        const squares = channels.map((other) => own.reduce((s, v, p) => s + (v - other[p]) ** 2, 0));
        // the sample itself is in the list, at distance 0, so index k is the k-th other one
        sum += Math.sqrt(Math.max(squares.sort((a, b) => a - b)[k], 1e-2));
      }
    }
    return Math.log(1 + sum);
  });
  const d = entropies.slice(1).map((h, n) => h - entropies[n]);
  const mean = d.reduce((a, b) => a + b, 0) / d.length;
  return { entropies, loss: d.reduce((s, v) => s + (v - mean) ** 2, 0) / (d.length - 1) };
}
