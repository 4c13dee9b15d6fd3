import { CellBitmap } from "./cell-bitmap.js";
import type { GridTriple } from "./sort-sites.js";
import type { OrderedSites, WindowPairs, WindowShape } from "./window-pairs.js";

/**
 * The plain form of `windowPairs`: reached cells are marked in a bitmap of the output grid. Sites are sorted into classes by
 * their remainders modulo the stride: all sites of a class reach cells under the same taps, one after the other.
 */
export function followWindow(sites: OrderedSites, pairs: WindowPairs, window: WindowShape): void {
  const { batchSize, outputShape } = window;
  const { starts, cellCount } = pairs;
  starts.fill(0);
  cellCount[0] = 0;
  if (sites.order.length === 0) return;
  const axes = [0, 1, 2].map((axis) => axisReach(window, axis));
  const classes = classesOf(sites, axes, outputShape);
  tapPlans(classes, axes, outputShape).forEach((plan, tap) => {
    starts[tap + 1] = followTap(classes, plan, { ...pairs, next: starts[tap] });
  });
  const outputs = pairs.outputs.subarray(0, starts[starts.length - 1]);
  const bitmap = new CellBitmap(batchSize * outputShape[0] * outputShape[1] * outputShape[2]);
  bitmap.markAll(outputs);
  cellCount[0] = bitmap.listInto(pairs.cells);
  bitmap.replaceByPlace(outputs);
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

function axisReach(window: WindowShape, axis: number): AxisReach {
  const [length, outputLength] = [window.shape[axis], window.outputShape[axis]];
  const [kernel, stride] = [window.kernel[axis], window.stride[axis]];
  const [padding, dilation] = [window.padding[axis], window.dilation[axis]];
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

function classesOf(
  { coords, order }: OrderedSites,
  axes: readonly AxisReach[],
  [depth, height, width]: GridTriple,
): Classes {
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

function tapPlans({ starts }: Classes, [zs, ys, xs]: readonly AxisReach[], [, height, width]: GridTriple): TapPlan[] {
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

/** Pairs found so far, tap by tap; outputs are still numbers of cells. */
interface Followed {
  readonly inputs: Int32Array;
  readonly outputs: Int32Array;
  /** how many there are already */
  readonly next: number;
}

/** Appends the pairs of one tap; returns how many there are now. */
function followTap(classes: Classes, { shift, bits, first, end }: TapPlan, followed: Followed): number {
  const { rows, cells, inside } = classes;
  const { inputs, outputs } = followed;
  let { next } = followed;
  for (let at = first; at < end; at += 1) {
    if ((inside[at] & bits) !== bits) continue;
    inputs[next] = rows[at];
    outputs[next] = cells[at] - shift;
    next += 1;
  }
  return next;
}
