/** A row [k] and a row-major matrix [k,n], and where their product is added; each begins at an entry of its array. */
export interface RowProduct {
  readonly row: Float32Array;
  readonly rowAt: number;
  readonly matrix: Float32Array;
  readonly matrixAt: number;
  readonly out: Float32Array;
  readonly outAt: number;
  readonly k: number;
  readonly n: number;
}

/**
 * `out[outAt + j] += Σ over p < k of row[rowAt + p] · matrix[matrixAt + p·n + j]`: the inner loop of every product in this
 * layer. Four matrix rows at a time, which quarters the traffic on `out`; each store rounds to float32.
 */
export function addRowTimesMatrix({ row, rowAt, matrix, matrixAt, out, outAt, k, n }: RowProduct): void {
  let p = 0;
  for (; p + 4 <= k; p += 4) {
    const x0 = row[rowAt + p];
    const x1 = row[rowAt + p + 1];
    const x2 = row[rowAt + p + 2];
    const x3 = row[rowAt + p + 3];
    const b0 = matrixAt + p * n;
    const b1 = b0 + n;
    const b2 = b1 + n;
    const b3 = b2 + n;
    for (let j = 0; j < n; j++) {
      out[outAt + j] += x0 * matrix[b0 + j] + x1 * matrix[b1 + j] + x2 * matrix[b2 + j] + x3 * matrix[b3 + j];
    }
  }
  for (; p < k; p++) {
    const x0 = row[rowAt + p];
    const b0 = matrixAt + p * n;
    for (let j = 0; j < n; j++) out[outAt + j] += x0 * matrix[b0 + j];
  }
}

/** `[rows, columns]` at `offset` of `x`, transposed into a new [columns, rows] array. */
export function transposed(x: Float32Array, offset: number, rows: number, columns: number): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const base = offset + i * columns;
    for (let j = 0; j < columns; j++) out[j * rows + i] = x[base + j];
  }
  return out;
}
