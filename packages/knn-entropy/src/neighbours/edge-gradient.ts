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
 * Written to `out`, samples in rows like the samples themselves; sums are kept in float64. Weights of 0 cost nothing.
 */
export function edgeGradientInto(samples: Samples, edges: Edges, norm: Norm, out: Values): void {
  if (norm === "max") maxNormGradient(samples, edges, out);
  else euclideanGradient(samples, edges, out);
}

function euclideanGradient({ data, rows, dims }: Samples, { neighbours, weights }: Edges, out: Values): void {
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

function maxNormGradient({ data, rows, dims }: Samples, { neighbours, weights }: Edges, out: Values): void {
  out.fill(0);
  for (let i = 0; i < rows; i++) {
    if (weights[i] === 0) continue;
    const a = i * dims;
    const b = Math.max(0, neighbours[i]) * dims;
    let largest = -1;
    let at = 0;
    for (let d = 0; d < dims; d++) {
      const size = Math.abs(data[a + d] - data[b + d]);
      if (size > largest) {
        largest = size;
        at = d;
      }
    }
    const pull = weights[i] * Math.sign(data[a + at] - data[b + at]);
    out[a + at] += pull;
    out[b + at] -= pull;
  }
}
