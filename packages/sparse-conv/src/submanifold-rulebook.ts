import type { PairMap } from "simd-kernels";
import { checkTriple, sortSites } from "./check-sites.js";
import { cellKey, type GridExtent, type Triple } from "./grid-extent.js";
import type { Rulebook } from "./rulebook.js";
import { pairShiftedKeys } from "./shifted-keys.js";

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
  const { keys, order, isSorted } = sortSites(caller, coords, { shape, batchSize, margin });
  const map = pairShiftedKeys(keys, tapShifts({ shape, margin, kernel, dilation }));
  return {
    kernel,
    inRows: coords.length / 4,
    outRows: coords.length / 4,
    outputCoords: coords,
    outputShape: shape,
    batchSize,
    map: isSorted ? map : inRowOrder(map, order),
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

/**
 * Pairs of sorted sites as pairs of the rows `order`, in each tap by output row. A tap has an output row once at most, so a
 * bit for each row that it has sorts them.
 */
function inRowOrder({ taps, starts, inputs, outputs }: PairMap, order: Int32Array): PairMap {
  const marked = new Int32Array(Math.ceil(order.length / 32));
  const inputOf = new Int32Array(order.length);
  const sorted = { taps, starts, inputs: new Int32Array(inputs.length), outputs: new Int32Array(inputs.length) };
  for (let tap = 0, next = 0; tap < taps; tap += 1) {
    for (let pair = starts[tap]; pair < starts[tap + 1]; pair += 1) {
      const row = order[outputs[pair]];
      marked[row >>> 5] |= 1 << (row & 31);
      inputOf[row] = order[inputs[pair]];
    }
    for (let word = 0; word < marked.length; word += 1) {
      for (let left = marked[word]; left !== 0; left &= left - 1, next += 1) {
        const row = 32 * word + 31 - Math.clz32(left & -left);
        sorted.inputs[next] = inputOf[row];
        sorted.outputs[next] = row;
      }
      marked[word] = 0;
    }
  }
  return sorted;
}
