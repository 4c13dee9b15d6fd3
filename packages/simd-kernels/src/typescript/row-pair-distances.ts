import type { RowPairOptions } from "../operation-options.js";

/** Plain twin of `rowPairDistances`: differences summed in float64, so nothing cancels and no centring is needed. */
export function rowPairDistances(x: Float32Array, out: Float32Array, { rows, dims }: RowPairOptions): void {
  for (let i = 0; i < rows; i++) {
    out[i * rows + i] = 0;
    for (let j = i + 1; j < rows; j++) {
      const a = i * dims;
      const b = j * dims;
      let sum = 0;
      for (let d = 0; d < dims; d++) {
        const difference = x[a + d] - x[b + d];
        sum += difference * difference;
      }
      out[i * rows + j] = sum;
      out[j * rows + i] = sum;
    }
  }
}
