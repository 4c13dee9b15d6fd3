import type { NeighbourOptions } from "../operation-options.js";

/** Plain twin of `kthNeighbours`: every pair of samples is measured. */
export function kthNeighbours(
  x: Float32Array | Float64Array,
  radii: Float64Array,
  neighbours: Int32Array,
  { images, dims, samples, k }: NeighbourOptions,
): void {
  const squares = new Float64Array(samples * samples);
  const nearest = new Float64Array(k); // ascending
  const indices = new Int32Array(k);
  for (let image = 0; image < images; image++) {
    squaredDistances(x.subarray(image * dims * samples, (image + 1) * dims * samples), samples, squares);
    for (let i = 0; i < samples; i++) {
      nearest.fill(Infinity);
      indices.fill(-1);
      for (let j = 0; j < samples; j++) {
        const square = squares[i * samples + j];
        if (j === i || !(square < nearest[k - 1])) continue; // an equal distance with a higher index comes later
        let at = k - 1;
        for (; at > 0 && nearest[at - 1] > square; at--) {
          nearest[at] = nearest[at - 1];
          indices[at] = indices[at - 1];
        }
        nearest[at] = square;
        indices[at] = j;
      }
      neighbours[image * samples + i] = indices[k - 1];
      radii[image * samples + i] = indices[k - 1] < 0 ? NaN : Math.sqrt(nearest[k - 1]);
    }
  }
}

/** squares [samples, samples] of the columns of x [dims, samples], coordinate after coordinate. */
function squaredDistances(x: Float32Array | Float64Array, samples: number, squares: Float64Array): void {
  squares.fill(0);
  for (let base = 0; base < x.length; base += samples) {
    for (let i = 0; i < samples; i++) {
      const value = x[base + i];
      for (let j = i + 1, at = i * samples + i + 1; j < samples; j++, at++) {
        const difference = value - x[base + j];
        squares[at] += difference * difference;
      }
    }
  }
  for (let i = 0; i < samples; i++) {
    for (let j = 0; j < i; j++) squares[i * samples + j] = squares[j * samples + i];
  }
}
