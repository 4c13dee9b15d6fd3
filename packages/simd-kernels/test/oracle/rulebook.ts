import type { GridTriple, WindowShape } from "../../src/index.js";

/** [input, output] rows of every pair of keys that lie `shift` apart, by looking at all pairs; outputs ascend. */
export function allShiftedPairs(keys: Float64Array, order: Int32Array, shift: number): number[][] {
  const pairs: number[][] = [];
  for (let output = 0; output < keys.length; output++)
    for (let input = 0; input < keys.length; input++)
      if (keys[input] - keys[output] === shift) pairs.push([order[input], order[output]]);
  return pairs.sort((a, b) => a[1] - b[1]);
}

/** Reached cells and, tap by tap, [row, place of the cell] of every pair, cells found again by name. */
export function windowPairsByMap(sites: readonly (readonly number[])[], order: Int32Array, window: WindowShape) {
  const { kernel, stride, padding, dilation, outputShape } = window;
  const cellOf = (site: readonly number[], taps: GridTriple) => {
    const at = taps.map((k, axis) => (site[axis + 1] + padding[axis] - k * dilation[axis]) / stride[axis]);
    if (!at.every((c, axis) => Number.isInteger(c) && c >= 0 && c < outputShape[axis])) return undefined;
    return ((site[0] * outputShape[0] + at[0]) * outputShape[1] + at[1]) * outputShape[2] + at[2];
  };
  const pairsOfTaps: { readonly row: number; readonly cell: number }[][] = [];
  for (let kz = 0; kz < kernel[0]; kz++)
    for (let ky = 0; ky < kernel[1]; ky++)
      for (let kx = 0; kx < kernel[2]; kx++)
        pairsOfTaps.push(
          [...order].flatMap((row) => {
            const cell = cellOf(sites[row], [kz, ky, kx]);
            return cell === undefined ? [] : [{ row, cell }];
          }),
        );
  const cells = [...new Set(pairsOfTaps.flat().map(({ cell }) => cell))].sort((a, b) => a - b);
  const placeOf = new Map(cells.map((cell, place) => [cell, place]));
  return { cells, taps: pairsOfTaps.map((pairs) => pairs.map(({ row, cell }) => [row, placeOf.get(cell) as number])) };
}
