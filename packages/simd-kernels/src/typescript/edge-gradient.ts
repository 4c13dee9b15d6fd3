import type { SampleSize } from "../operation-options.js";

/** Plain twin of `edgeGradient`; the sums of a coordinate are kept in float64. */
export function edgeGradient(
  x: Float32Array,
  neighbours: Int32Array,
  weights: Float64Array,
  out: Float32Array,
  { images, dims, samples }: SampleSize,
): void {
  const sums = new Float64Array(samples);
  for (let image = 0; image < images; image++) {
    const first = image * samples;
    // list the edges that pull, so that the inner loop has no branch
    const from = Int32Array.from({ length: samples }, (_, i) => i).filter((i) => weights[first + i] !== 0);
    const to = from.map((i) => Math.max(0, neighbours[first + i]));
    const pulls = Float64Array.from(from, (i) => weights[first + i]);
    for (let d = 0, base = first * dims; d < dims; d++, base += samples) {
      sums.fill(0);
      for (let e = 0; e < from.length; e++) {
        const pull = pulls[e] * (x[base + from[e]] - x[base + to[e]]);
        sums[from[e]] += pull;
        sums[to[e]] -= pull;
      }
      for (let i = 0; i < samples; i++) out[base + i] = sums[i];
    }
  }
}
