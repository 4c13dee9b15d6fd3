import type { PairMap } from "simd-kernels";
import type { Triple } from "./site-index.js";

/**
 * Everything about a sparse convolution that depends on the sites and not on the features: which sites come out, and
 * which input row meets which output row under which kernel offset. Built once per set of sites, shared by the layers
 * on them and by forward and backward pass.
 */
export interface Rulebook {
  /** cells of the kernel along z, y, x; tap number (kz·Ky + ky)·Kx + kx */
  readonly kernel: Triple;
  readonly inRows: number;
  readonly outRows: number;
  /** [outRows, 4] batch, z, y, x of every output row */
  readonly outputCoords: Int32Array;
  /** cells of the output grid along z, y, x */
  readonly outputShape: Triple;
  readonly batchSize: number;
  readonly map: PairMap;
}

/**
 * Pairs of all taps from a table.
 * @param partner  [taps, rows] the row that meets row r under tap t, or -1
 * @param rowsAre  whether r counts input or output rows
 */
export function pairMapFromTable(
  partner: Int32Array,
  { taps, rows, rowsAre }: { readonly taps: number; readonly rows: number; readonly rowsAre: "inputs" | "outputs" },
): PairMap {
  const starts = new Int32Array(taps + 1);
  let count = 0;
  for (let tap = 0; tap < taps; tap += 1) {
    const base = tap * rows;
    for (let row = 0; row < rows; row += 1) if (partner[base + row] >= 0) count += 1;
    starts[tap + 1] = count;
  }
  const own = new Int32Array(count);
  const others = new Int32Array(count);
  let next = 0;
  for (let tap = 0; tap < taps; tap += 1) {
    const base = tap * rows;
    for (let row = 0; row < rows; row += 1) {
      const other = partner[base + row];
      if (other < 0) continue;
      own[next] = row;
      others[next] = other;
      next += 1;
    }
  }
  return rowsAre === "inputs"
    ? { taps, starts, inputs: own, outputs: others }
    : { taps, starts, inputs: others, outputs: own };
}
