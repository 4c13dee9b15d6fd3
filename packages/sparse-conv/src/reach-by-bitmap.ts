import { CellBitmap } from "./cell-bitmap.js";
import type { GridExtent, Triple } from "./grid-extent.js";
import { mostTapsPerSite, type ReachedCells } from "./reach-by-sorting.js";
import type { WindowOptions } from "./strided-rulebook.js";

/** Grid cells per pair up to which a bitmap is used, so that its memory grows with the sites and not with the grid. */
const CELLS_PER_PAIR = 512;
/** Most cells of a bitmap: a cell's number, and one a little outside of the grid, fit an int32. */
const MOST_CELLS = 2 ** 30;
/** Taps of all three axes together: a bit each. */
const MOST_AXIS_TAPS = 31;

/** Input sites [rows, 4], their grid, and their rows in the order of batch, z, y, x. */
interface SortedSites {
  readonly coords: Int32Array;
  readonly shape: Triple;
  readonly order: Int32Array;
}

type Window = Required<WindowOptions>;

/** Whether {@link reachByBitmap} takes such a problem. */
export function bitmapSuits(coords: Int32Array, shape: Triple, output: GridExtent, window: Window): boolean {
  const cells = output.batchSize * output.shape[0] * output.shape[1] * output.shape[2];
  const most = Math.min(MOST_CELLS, CELLS_PER_PAIR * (coords.length / 4) * mostTapsPerSite(window));
  return Math.max(cells, ...shape) <= most && window.kernel[0] + window.kernel[1] + window.kernel[2] <= MOST_AXIS_TAPS;
}

/**
 * The cells that sites reach, marked in a bitmap of the output grid. Sites are sorted into classes by their remainders
 * modulo the stride: all sites of a class reach cells under the same taps. Under one tap the cells ascend with the sites,
 * so the pairs come out in order.
 */
export function reachByBitmap(sites: SortedSites, output: GridExtent, window: Window): ReachedCells {
  const axes = [0, 1, 2].map((axis) => axisReach(sites.shape[axis], output.shape[axis], windowOfAxis(window, axis)));
  const classes = classesOf(sites, axes, output);
  const plans = tapPlans(classes, axes, output);
  const most = plans.reduce((pairs, { first, end }) => pairs + end - first, 0);
  const starts = new Int32Array(plans.length + 1);
  const inputsAtMost = new Int32Array(most);
  const cellsAtMost = new Int32Array(most);
  plans.forEach((plan, tap) => {
    starts[tap + 1] = followTap(classes, plan, { inputs: inputsAtMost, cells: cellsAtMost, pairs: starts[tap] });
  });
  const inputs = inputsAtMost.slice(0, starts[plans.length]);
  const outputs = cellsAtMost.slice(0, starts[plans.length]);
  const bitmap = new CellBitmap(output.batchSize * output.shape[0] * output.shape[1] * output.shape[2]);
  bitmap.markAll(outputs);
  const keys = bitmap.list();
  bitmap.replaceByPlace(outputs);
  return { keys, map: { taps: plans.length, starts, inputs, outputs } };
}

interface AxisWindow {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

function windowOfAxis({ kernel, stride, padding, dilation }: Window, axis: number): AxisWindow {
  return { kernel: kernel[axis], stride: stride[axis], padding: padding[axis], dilation: dilation[axis] };
}

/**
 * Where the coordinates of one axis lead. Coordinate i reaches cell (i + padding − k·dilation)/stride under tap k if that
 * is whole and in the grid: if i + padding and k·dilation leave the same remainder, the quotients' difference.
 */
interface AxisReach {
  /** different remainders of the taps */
  readonly remainders: number;
  readonly taps: readonly { readonly remainder: number; readonly shift: number }[];
  /** [coordinates] ⌊(i + padding)/stride⌋ */
  readonly quotients: Int32Array;
  /** [coordinates] number of the remainder; −1 if no tap has it */
  readonly remainderOf: Int32Array;
  /** [coordinates] bit k: tap k stays in the grid (if the remainder is its own) */
  readonly inside: Int32Array;
}

function axisReach(length: number, outputLength: number, { kernel, stride, padding, dilation }: AxisWindow): AxisReach {
  const offsets = Array.from({ length: kernel }, (_, k) => k * dilation);
  const remainders = [...new Set(offsets.map((offset) => offset % stride))];
  const taps = offsets.map((offset) => ({
    remainder: remainders.indexOf(offset % stride),
    shift: Math.floor(offset / stride),
  }));
  const quotients = new Int32Array(length);
  const remainderOf = new Int32Array(length);
  const inside = new Int32Array(length);
  for (let i = 0; i < length; i += 1) {
    const quotient = Math.floor((i + padding) / stride);
    quotients[i] = quotient;
    remainderOf[i] = remainders.indexOf((i + padding) % stride);
    taps.forEach(({ shift }, k) => {
      if (quotient - shift >= 0 && quotient - shift < outputLength) inside[i] |= 1 << k;
    });
  }
  return { remainders: remainders.length, taps, quotients, remainderOf, inside };
}

/** Sites class by class, in each by batch, z, y, x. */
interface Classes {
  /** [classes + 2] those that no tap reaches are the last class */
  readonly starts: Int32Array;
  readonly rows: Int32Array;
  /** number of the output cell that a tap without shift leads to */
  readonly cells: Int32Array;
  /** the bits `inside` of the three axes, side by side */
  readonly inside: Int32Array;
}

function classesOf({ coords, order }: SortedSites, axes: readonly AxisReach[], { shape }: GridExtent): Classes {
  const [depth, height, width] = shape;
  const [zRemainder, yRemainder, xRemainder] = axes.map(({ remainderOf }) => remainderOf);
  const [zQuotient, yQuotient, xQuotient] = axes.map(({ quotients }) => quotients);
  const [zInside, yInside, xInside] = axes.map(({ inside }) => inside);
  const [zClasses, yClasses, xClasses] = axes.map(({ remainders }) => remainders);
  const yBits = axes[0].taps.length;
  const xBits = yBits + axes[1].taps.length;
  const classCount = zClasses * yClasses * xClasses;
  const sites = order.length;

  const classOf = new Int32Array(sites);
  const starts = new Int32Array(classCount + 2); // sites that no tap reaches come last
  for (let row = 0, at = 0; row < sites; row += 1, at += 4) {
    const z = zRemainder[coords[at + 1]];
    const y = yRemainder[coords[at + 2]];
    const x = xRemainder[coords[at + 3]];
    const own = (z | y | x) < 0 ? classCount : (z * yClasses + y) * xClasses + x;
    classOf[row] = own;
    starts[own + 1] += 1;
  }
  for (let i = 0; i <= classCount; i += 1) starts[i + 1] += starts[i];

  const next = starts.slice();
  const rows = new Int32Array(sites);
  const cells = new Int32Array(sites);
  const inside = new Int32Array(sites);
  for (let i = 0; i < sites; i += 1) {
    const row = order[i];
    const z = coords[4 * row + 1];
    const y = coords[4 * row + 2];
    const x = coords[4 * row + 3];
    const to = next[classOf[row]]++;
    rows[to] = row;
    cells[to] = ((coords[4 * row] * depth + zQuotient[z]) * height + yQuotient[y]) * width + xQuotient[x];
    inside[to] = zInside[z] | (yInside[y] << yBits) | (xInside[x] << xBits);
  }
  return { starts, rows, cells, inside };
}

/** What one tap does: it takes the sites `first` to `end` of the classes, all of one, as many cells back. */
interface TapPlan {
  readonly first: number;
  readonly end: number;
  readonly shift: number;
  /** set in `inside` where the tap stays in the grid */
  readonly bits: number;
}

function tapPlans({ starts }: Classes, [zs, ys, xs]: readonly AxisReach[], { shape }: GridExtent): TapPlan[] {
  const [, height, width] = shape;
  return zs.taps.flatMap((z, kz) =>
    ys.taps.flatMap((y, ky) =>
      xs.taps.map((x, kx) => {
        const own = (z.remainder * ys.remainders + y.remainder) * xs.remainders + x.remainder;
        return {
          first: starts[own],
          end: starts[own + 1],
          shift: (z.shift * height + y.shift) * width + x.shift,
          bits: (1 << kz) | (1 << (zs.taps.length + ky)) | (1 << (zs.taps.length + ys.taps.length + kx)),
        };
      }),
    ),
  );
}

/** Pairs found so far, tap by tap. */
interface Followed {
  readonly inputs: Int32Array;
  readonly cells: Int32Array;
  readonly pairs: number;
}

/** Appends the pairs of one tap; returns how many there are now. */
function followTap(classes: Classes, { shift, bits, first, end }: TapPlan, followed: Followed): number {
  const { rows, cells: origins, inside } = classes;
  const { inputs, cells } = followed;
  let next = followed.pairs;
  for (let at = first; at < end; at += 1) {
    if ((inside[at] & bits) !== bits) continue;
    inputs[next] = rows[at];
    cells[next] = origins[at] - shift;
    next += 1;
  }
  return next;
}
