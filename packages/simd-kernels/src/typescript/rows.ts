import type { CopyColumnsOptions, MatrixSize, SegmentSumOptions } from "../operation-options.js";

/** Plain twin of `gatherRows`. */
export function gatherRows(x: Float32Array, indices: Int32Array, out: Float32Array, { columns }: MatrixSize): void {
  for (let i = 0; i < indices.length; i++) {
    const to = i * columns;
    const from = indices[i] * columns;
    if (from < 0) out.fill(0, to, to + columns);
    else for (let c = 0; c < columns; c++) out[to + c] = x[from + c];
  }
}

/** Plain twin of `copyColumns`. */
export function copyColumns(x: Float32Array, out: Float32Array, options: CopyColumnsOptions): void {
  const { rows, columns, xColumns, xFirst, outColumns, outFirst } = options;
  for (let r = 0; r < rows; r++) {
    const from = r * xColumns + xFirst;
    const to = r * outColumns + outFirst;
    for (let c = 0; c < columns; c++) out[to + c] = x[from + c];
  }
}

/** Plain twin of `segmentSum`. */
export function segmentSum(
  x: Float32Array,
  segmentIds: Int32Array,
  out: Float32Array,
  { rows, columns }: SegmentSumOptions,
): void {
  out.fill(0);
  for (let i = 0; i < rows; i++) {
    if (segmentIds[i] < 0) continue;
    const to = segmentIds[i] * columns;
    const from = i * columns;
    for (let c = 0; c < columns; c++) out[to + c] += x[from + c];
  }
}
