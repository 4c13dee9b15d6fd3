import type { PairMap } from "simd-kernels";
import { checkTriple, sortSites } from "./check-sites.js";
import { cellKey, type GridExtent, type Triple } from "./grid-extent.js";
import type { Rulebook } from "./rulebook.js";
import type { SortedKeys } from "./sort-keys.js";

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
  // As many empty cells behind each axis as a tap can reach: then a step over a border, in either direction, lands on an
  // empty cell and not at the other end of a neighbouring line, and a tap is one shift of all keys.
  const margin = kernel.map((cells, axis) => (cells >> 1) * dilation[axis]) as unknown as Triple;
  const sites = sortSites(caller, coords, { shape, batchSize, margin });
  return {
    kernel,
    inRows: coords.length / 4,
    outRows: coords.length / 4,
    outputCoords: coords,
    outputShape: shape,
    batchSize,
    map: pairMapOf(partners(sites, tapShifts({ shape, margin, kernel, dilation })), kernel),
  };
}

interface Grid extends Required<Omit<SubmanifoldOptions, "batchSize">> {
  readonly margin: Triple;
}

/** By how much the key of the site that meets o under a tap differs from the key of o, for every tap. */
function tapShifts({ shape, margin, kernel, dilation }: Grid): Float64Array {
  const padded = { batchSize: 1, shape: shape.map((cells, axis) => cells + margin[axis]) as unknown as Triple };
  const shifts = new Float64Array(kernel[0] * kernel[1] * kernel[2]);
  let tap = 0;
  for (let kz = 0; kz < kernel[0]; kz += 1) {
    for (let ky = 0; ky < kernel[1]; ky += 1) {
      for (let kx = 0; kx < kernel[2]; kx += 1, tap += 1) {
        const [z, y, x] = [kz, ky, kx].map((k, axis) => k * dilation[axis] - margin[axis]);
        shifts[tap] = cellKey(padded, 0, z, y, x);
      }
    }
  }
  return shifts;
}

/** [taps, rows] the input row that meets an output row under a tap, -1 for none. */
function partners({ keys, order }: SortedKeys, shifts: Float64Array): Int32Array {
  const rows = keys.length;
  const taps = shifts.length;
  const table = new Int32Array(taps * rows).fill(-1);
  for (let tap = 0; tap < taps; tap += 1) {
    const shift = shifts[tap];
    const mirror = shifts.indexOf(-shift);
    // If o meets i under a tap, i meets o under the tap with the opposite shift.
    if (mirror >= 0 && mirror < tap) continue;
    // Keys and shifted keys both ascend, so one walk along both finds all that are equal.
    let j = 0;
    for (let i = 0; i < rows && j < rows; i += 1) {
      const wanted = keys[i] + shift;
      while (j < rows && keys[j] < wanted) j += 1;
      if (j === rows || keys[j] !== wanted) continue;
      table[tap * rows + order[i]] = order[j];
      if (mirror >= 0) table[mirror * rows + order[j]] = order[i];
    }
  }
  return table;
}

/** The pairs of a table, tap by tap in the order of the output rows. */
function pairMapOf(table: Int32Array, kernel: Triple): PairMap {
  const taps = kernel[0] * kernel[1] * kernel[2];
  const rows = table.length / taps;
  const starts = new Int32Array(taps + 1);
  const inputs = new Int32Array(table.length);
  const outputs = new Int32Array(table.length);
  let pairs = 0;
  for (let tap = 0; tap < taps; tap += 1) {
    for (let row = 0; row < rows; row += 1) {
      const input = table[tap * rows + row];
      if (input < 0) continue;
      inputs[pairs] = input;
      outputs[pairs] = row;
      pairs += 1;
    }
    starts[tap + 1] = pairs;
  }
  return { taps, starts, inputs: inputs.slice(0, pairs), outputs: outputs.slice(0, pairs) };
}
