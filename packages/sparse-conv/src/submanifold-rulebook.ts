import { checkTriple, indexSites } from "./check-sites.js";
import { pairMapFromTable, type Rulebook } from "./rulebook.js";
import { cellKey, type GridExtent, type Triple } from "./site-index.js";

/** Options of {@link buildSubmanifoldRulebook}. */
export interface SubmanifoldOptions extends GridExtent {
  /** cells along z, y, x */
  readonly kernel: Triple;
  /** cells between taps; default 1, 1, 1 */
  readonly dilation?: Triple;
}

/**
 * Rulebook of a submanifold convolution (Graham, Engelcke, van der Maaten 2018): output sites are the input sites, in
 * their order. Output site o meets input site o + (k − ⌊K/2⌋)·dilation under tap k, which for odd kernels is the dense
 * convolution with padding ⌊K/2⌋·dilation, read at the input sites.
 *
 * @param coords [rows, 4] batch, z, y, x, every site once
 * @throws TypeError, RangeError as said for the sites, the kernel and the dilation
 */
export function buildSubmanifoldRulebook(
  coords: Int32Array,
  { shape, batchSize, kernel, dilation = [1, 1, 1] }: SubmanifoldOptions,
): Rulebook {
  const caller = "buildSubmanifoldRulebook";
  checkTriple(caller, "kernel", kernel, 1);
  checkTriple(caller, "dilation", dilation, 1);
  const extent = { shape, batchSize };
  const index = indexSites(caller, coords, extent);
  const rows = coords.length / 4;
  const taps = kernel[0] * kernel[1] * kernel[2];
  const partner = new Int32Array(taps * rows).fill(-1);
  const isOdd = kernel.every((cells) => cells % 2 === 1);

  let tap = 0;
  for (let kz = 0; kz < kernel[0]; kz += 1) {
    for (let ky = 0; ky < kernel[1]; ky += 1) {
      for (let kx = 0; kx < kernel[2]; kx += 1, tap += 1) {
        const dz = (kz - (kernel[0] >> 1)) * dilation[0];
        const dy = (ky - (kernel[1] >> 1)) * dilation[1];
        const dx = (kx - (kernel[2] >> 1)) * dilation[2];
        const mirror = taps - 1 - tap;
        // An odd kernel is symmetric: if o meets i under a tap, i meets o under the mirrored one.
        if (isOdd && mirror < tap) continue;
        for (let row = 0; row < rows; row += 1) {
          const z = coords[4 * row + 1] + dz;
          const y = coords[4 * row + 2] + dy;
          const x = coords[4 * row + 3] + dx;
          if (z < 0 || z >= shape[0] || y < 0 || y >= shape[1] || x < 0 || x >= shape[2]) continue;
          const found = index.find(cellKey(extent, coords[4 * row], z, y, x));
          if (found < 0) continue;
          partner[tap * rows + row] = found;
          if (isOdd) partner[mirror * rows + found] = row;
        }
      }
    }
  }
  return {
    kernel,
    inRows: rows,
    outRows: rows,
    outputCoords: coords,
    outputShape: shape,
    batchSize,
    map: pairMapFromTable(partner, { taps, rows, rowsAre: "outputs" }),
  };
}
