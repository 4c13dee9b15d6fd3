import { kernels } from "simd-kernels";
import { boundLimits, boundSamples, packColumnsInto, packRowsInto } from "./bounded-samples.js";
import { emptyLists, type NearestLists } from "./nearest-list.js";
import type { Samples } from "./samples.js";

/** Samples of a block of the distance matrix: one way, and the other. */
const BLOCK_ROWS = 128;
const BLOCK_COLUMNS = 1024;

/**
 * Nearest neighbours by Euclidean distance, block by block of the N×N matrix. A float32 product gives a lower bound of
 * each squared distance ({@link BoundedSamples}); what the bound leaves in question is measured in float64 by direct
 * differences. So the result is that of comparing every pair, whatever the offset; where float32 resolves nothing
 * (clusters far apart), every pair is measured. Memory N·(D + k) and one block.
 */
export function gramNeighbours(samples: Samples, k: number): NearestLists {
  const lists = emptyLists(samples.rows, k);
  const bounded = boundSamples(samples);
  const { rows, dims, terms, values } = bounded;
  const width = Math.min(BLOCK_COLUMNS, rows);
  const height = Math.min(BLOCK_ROWS, rows);
  const left = new Float32Array(height * terms);
  const right = new Float32Array(width * terms);
  const bounds = new Float32Array(height * width);
  const sizes = { height, width, samples: rows, dims, k, ...boundLimits(bounded) };
  for (let column = 0; column < rows; column += width) {
    packColumnsInto(bounded, column, right);
    for (let row = 0; row < rows; row += height) {
      packRowsInto(bounded, row, left);
      kernels().gemm(left, right, bounds, { m: height, n: width, k: terms, transposeB: true });
      kernels().boundedNeighbours({ bounds, values }, lists, { row, column, ...sizes });
    }
  }
  return lists;
}
