import type { NamedArray } from "../named-array.js";

/**
 * A transposed convolution of kernel = stride as a product of matrices: a cell's channels times the matrix are the
 * pixels of its patch, row after row.
 * @param weight [side, side, cout, cin]
 * @param bias   [cout]
 * @returns matrix [cin, side·side·cout], column (a·side + b)·cout + co; the bias of every column
 */
export function neckMatrix(
  { shape: [side, , cout, cin], data }: NamedArray,
  bias: NamedArray,
): { readonly matrix: NamedArray; readonly bias: NamedArray } {
  const columns = side * side * cout;
  const matrix = new Float32Array(cin * columns);
  for (let column = 0; column < columns; column++) {
    for (let ci = 0; ci < cin; ci++) matrix[ci * columns + column] = data[column * cin + ci];
  }
  const repeated = Float32Array.from({ length: columns }, (_, column) => bias.data[column % cout]);
  return { matrix: { shape: [cin, columns], data: matrix }, bias: { shape: [columns], data: repeated } };
}

/**
 * Rows `first` to `first + count` of several 1×1 convolutions, side by side.
 * @param heads [1, 1, cin, cout] each, of one cin
 * @returns     [count, Σ cout]
 */
export function joinHeads(heads: readonly NamedArray[], first: number, count: number): NamedArray {
  const columns = heads.reduce((sum, { shape }) => sum + shape[3], 0);
  const matrix = new Float32Array(count * columns);
  let column = 0;
  for (const { shape, data } of heads) {
    const width = shape[3];
    for (let row = 0; row < count; row++) {
      matrix.set(data.subarray((first + row) * width, (first + row + 1) * width), row * columns + column);
    }
    column += width;
  }
  return { shape: [count, columns], data: matrix };
}
