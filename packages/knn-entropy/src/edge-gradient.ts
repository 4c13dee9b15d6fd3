import type { Norm, Samples, Values } from "./samples.js";

/** A function of the edges sample → k-th neighbour, each with its own weight. */
export interface Edges {
  /** [N] end of each edge, −1 where undefined */
  readonly neighbours: Int32Array;
  /** [N] derivative of the value with respect to the edge's length, divided by that length (Euclidean) or not (max) */
  readonly weights: Float64Array;
}

/**
 * Gradient of a function of the edge lengths: edge i adds `weight · (x_i − x_nn)` to sample i and takes it from sample nn.
 * Under the max norm only the coordinate of the largest difference moves (the lowest one on a tie), by ± weight.
 * Written to `out`, same order as the samples; sums are kept in float64. Weights of 0 cost nothing.
 */
export function edgeGradientInto(samples: Samples, edges: Edges, norm: Norm, out: Values): void {
  if (norm === "max") maxNormGradient(samples, edges, out);
  else if (samples.order === "rows") rowGradient(samples, edges, out);
  else columnGradient(samples, edges, out);
}

function rowGradient({ data, rows, dims }: Samples, { neighbours, weights }: Edges, out: Values): void {
  const sums = out instanceof Float64Array ? out.fill(0) : new Float64Array(rows * dims);
  for (let i = 0; i < rows; i++) {
    const weight = weights[i];
    if (weight === 0) continue;
    const a = i * dims;
    const b = Math.max(0, neighbours[i]) * dims; // an undefined neighbour has a NaN weight
    for (let d = 0; d < dims; d++) {
      const pull = weight * (data[a + d] - data[b + d]);
      sums[a + d] += pull;
      sums[b + d] -= pull;
    }
  }
  if (sums !== out) out.set(sums);
}

function columnGradient({ data, rows, dims }: Samples, { neighbours, weights }: Edges, out: Values): void {
  // list the edges that pull, so that the inner loop has no branch
  const active: number[] = [];
  for (let i = 0; i < rows; i++) if (weights[i] !== 0) active.push(i);
  const from = Int32Array.from(active);
  const to = Int32Array.from(active, (i) => Math.max(0, neighbours[i]));
  const pulls = Float64Array.from(active, (i) => weights[i]);
  const sums = new Float64Array(rows);
  for (let d = 0, base = 0; d < dims; d++, base += rows) {
    sums.fill(0);
    for (let e = 0; e < from.length; e++) {
      const pull = pulls[e] * (data[base + from[e]] - data[base + to[e]]);
      sums[from[e]] += pull;
      sums[to[e]] -= pull;
    }
    for (let i = 0; i < rows; i++) out[base + i] = sums[i];
  }
}

function maxNormGradient({ data, rows, dims, order }: Samples, { neighbours, weights }: Edges, out: Values): void {
  const rowStep = order === "rows" ? dims : 1;
  const dimStep = order === "rows" ? 1 : rows;
  out.fill(0);
  for (let i = 0; i < rows; i++) {
    if (weights[i] === 0) continue;
    const a = i * rowStep;
    const b = Math.max(0, neighbours[i]) * rowStep;
    let largest = -1;
    let at = 0;
    for (let d = 0; d < dims; d++) {
      const size = Math.abs(data[a + d * dimStep] - data[b + d * dimStep]);
      if (size > largest) {
        largest = size;
        at = d * dimStep;
      }
    }
    const pull = weights[i] * Math.sign(data[a + at] - data[b + at]);
    out[a + at] += pull;
    out[b + at] -= pull;
  }
}
