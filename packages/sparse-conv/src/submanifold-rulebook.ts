import { kernels, type PairMap } from "simd-kernels";
import { checkTriple, sortSites } from "./check-sites.js";
import { cellKey, type GridExtent, type Triple } from "./grid-extent.js";
import type { Rulebook } from "./rulebook.js";
import { copyOf, scratchArrays } from "./scratch-arrays.js";

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
  const { keys, order } = sortSites(caller, coords, { shape, batchSize, margin });
  return {
    kernel,
    inRows: coords.length / 4,
    outRows: coords.length / 4,
    outputCoords: coords,
    outputShape: shape,
    batchSize,
    map: pairShifts(keys, order, tapShifts({ shape, margin, kernel, dilation })),
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

/** Row order[o] meets row order[i] under the tap whose shift leads from key o to key i. */
function pairShifts(keys: Float64Array, order: Int32Array, shifts: Float64Array): PairMap {
  const [inputs, outputs] = scratchArrays(2, keys.length * shifts.length);
  const starts = new Int32Array(shifts.length + 1);
  kernels().shiftedPairs({ keys, order, shifts }, { inputs, outputs, starts });
  const pairs = starts[shifts.length];
  return { taps: shifts.length, starts, inputs: copyOf(inputs, pairs), outputs: copyOf(outputs, pairs) };
}
