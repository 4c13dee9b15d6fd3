/** What {@link loopLoss} computes, spelled out. */
export interface LoopOptions {
  readonly estimator: "kl" | "author";
  readonly k: number;
  readonly variance: "biased" | "unbiased";
  readonly l1Weight: number;
  readonly l2: "none" | "neg_square" | "neg_abs" | "hinge";
  readonly l2Weight: number;
  /** blocks that count */
  readonly coverage: readonly number[];
  /** channels and positions that are looked at */
  readonly channels: readonly number[];
  readonly positions: readonly number[];
}

/**
 * The Entropy Loss in float64 by loops over images, channels and positions. Entropies leave out what all taps of a block
 * share (ψ, the ball's volume): it cancels in the differences.
 * @param blocks taps as flat [B, H·W, C] lists
 */
export function loopLoss(
  blocks: readonly (readonly number[][])[],
  images: number,
  depth: number,
  o: LoopOptions,
): number {
  let total = 0;
  for (const block of o.coverage) {
    const h = blocks[block].map((tap) => entropy(tap, images, depth, o));
    const d: number[] = [];
    for (let n = 0; n + 1 < h.length; n++) d.push(h[n + 1] - h[n]);
    let mean = 0;
    for (const value of d) mean += value / d.length;
    let l1 = 0;
    let l2 = 0;
    for (const value of d) {
      l1 += (value - mean) ** 2 / (o.variance === "biased" ? d.length : d.length - 1);
      if (o.l2 === "neg_square") l2 -= value ** 2;
      if (o.l2 === "neg_abs") l2 -= Math.abs(value) / d.length;
      if (o.l2 === "hinge") l2 += Math.max(0, value) / d.length;
    }
    total += o.l1Weight * l1 + o.l2Weight * l2;
  }
  return total;
}

function entropy(tap: readonly number[], images: number, depth: number, o: LoopOptions): number {
  const area = tap.length / images / depth;
  let logs = 0;
  let radii = 0;
  for (let b = 0; b < images; b++) {
    for (const own of o.channels) {
      const squares = o.channels.map((other) => {
        let square = 0;
        for (const p of o.positions) {
          const row = (b * area + p) * depth;
          square += (tap[row + own] - tap[row + other]) ** 2;
        }
        return square;
      });
      const square = squares.sort((x, y) => x - y)[o.k]; // index 0 is the sample itself
      logs += Math.log(Math.max(Math.sqrt(square), 1e-6)) / images / o.channels.length;
      radii += Math.sqrt(Math.max(square, 1e-2));
    }
  }
  return o.estimator === "kl" ? logs : Math.log(1 + radii);
}
