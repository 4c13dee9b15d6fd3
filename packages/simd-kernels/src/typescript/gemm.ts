import type { GemmOptions } from "../operation-options.js";
import { addRowTimesMatrix, transposed } from "./add-product.js";

/** Plain twin of `gemm`: transposed operands are copied upright first. */
export function gemm(a: Float32Array, b: Float32Array, out: Float32Array, options: GemmOptions): void {
  const { m, n, k, transposeA = false, transposeB = false, accumulate = false } = options;
  const rows = transposeA ? transposed(a, 0, k, m) : a; // [m,k]
  const matrix = transposeB ? transposed(b, 0, n, k) : b; // [k,n]
  if (!accumulate) out.fill(0);
  for (let i = 0; i < m; i++) addRowTimesMatrix(out, i * n, rows, i * k, matrix, 0, k, n);
}
