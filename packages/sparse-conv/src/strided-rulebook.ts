import { checkTriple, indexSites } from "./check-sites.js";
import { pairMapFromTable, type Rulebook } from "./rulebook.js";
import { cellKey, type GridExtent, SiteIndex, type Triple } from "./site-index.js";

/** Window of a convolution or pooling: kernel, stride, padding, dilation along z, y, x. */
export interface WindowOptions {
  readonly kernel: Triple;
  /** default 1, 1, 1 */
  readonly stride?: Triple;
  /** zeros on both sides; default 0, 0, 0 */
  readonly padding?: Triple;
  /** default 1, 1, 1 */
  readonly dilation?: Triple;
}

/** Options of {@link buildStridedRulebook}. */
export interface StridedOptions extends GridExtent, WindowOptions {}

/**
 * Rulebook of a sparse convolution (spconv's `SparseConv3d`): output site o meets input site
 * o·stride − padding + k·dilation under tap k, and every site that some input site reaches comes out, sorted by batch,
 * z, y, x. Equal to the dense convolution, which is zero (without bias) at all other sites.
 *
 * @param coords [rows, 4] batch, z, y, x, every site once
 * @throws TypeError, RangeError as said for the sites and the window; RangeError if an output axis has no cell
 */
export function buildStridedRulebook(
  coords: Int32Array,
  { shape, batchSize, kernel, stride = [1, 1, 1], padding = [0, 0, 0], dilation = [1, 1, 1] }: StridedOptions,
): Rulebook {
  const caller = "buildStridedRulebook";
  checkTriple(caller, "kernel", kernel, 1);
  checkTriple(caller, "stride", stride, 1);
  checkTriple(caller, "padding", padding, 0);
  checkTriple(caller, "dilation", dilation, 1);
  indexSites(caller, coords, { shape, batchSize });
  const outputShape = convolvedShape(caller, shape, { kernel, stride, padding, dilation });
  const output = { shape: outputShape, batchSize };
  const rows = coords.length / 4;
  const taps = kernel[0] * kernel[1] * kernel[2];

  // First the output cell that each input site reaches under each tap, then the cells' rows in sorted order.
  const reached = new Float64Array(taps * rows).fill(-1);
  const cells = new SiteIndex(possibleOutputs(rows, { kernel, stride }));
  let tap = 0;
  for (let kz = 0; kz < kernel[0]; kz += 1) {
    for (let ky = 0; ky < kernel[1]; ky += 1) {
      for (let kx = 0; kx < kernel[2]; kx += 1, tap += 1) {
        for (let row = 0; row < rows; row += 1) {
          const z = (coords[4 * row + 1] + padding[0] - kz * dilation[0]) / stride[0];
          const y = (coords[4 * row + 2] + padding[1] - ky * dilation[1]) / stride[1];
          const x = (coords[4 * row + 3] + padding[2] - kx * dilation[2]) / stride[2];
          if (!isCell(z, outputShape[0]) || !isCell(y, outputShape[1]) || !isCell(x, outputShape[2])) continue;
          const key = cellKey(output, coords[4 * row], z, y, x);
          reached[tap * rows + row] = key;
          cells.add(key, 0);
        }
      }
    }
  }
  const keys = cells.sortedKeys();
  keys.forEach((key, row) => {
    cells.setRow(key, row);
  });
  const partner = new Int32Array(reached.length).fill(-1);
  for (let i = 0; i < reached.length; i += 1) if (reached[i] >= 0) partner[i] = cells.find(reached[i]);

  return {
    kernel,
    inRows: rows,
    outRows: keys.length,
    outputCoords: coordsOfKeys(keys, outputShape),
    outputShape,
    batchSize,
    map: pairMapFromTable(partner, { taps, rows, rowsAre: "inputs" }),
  };
}

/** ⌊(n + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1 cells along every axis. */
function convolvedShape(caller: string, shape: Triple, window: Required<WindowOptions>): Triple {
  const { kernel, stride, padding, dilation } = window;
  const cells = shape.map((n, axis) => {
    const span = dilation[axis] * (kernel[axis] - 1) + 1;
    return Math.floor((n + 2 * padding[axis] - span) / stride[axis]) + 1;
  }) as unknown as Triple;
  if (Math.min(...cells) < 1) {
    throw new RangeError(
      `${caller}: expected a window that fits into the padded grid, got kernel [${kernel.join(", ")}], dilation ` +
        `[${dilation.join(", ")}], padding [${padding.join(", ")}] on shape [${shape.join(", ")}]`,
    );
  }
  return cells;
}

/** The most output cells that so many input sites can reach: ⌈kernel/stride⌉ along every axis each. */
function possibleOutputs(rows: number, { kernel, stride }: Required<Pick<WindowOptions, "kernel" | "stride">>): number {
  return kernel.reduce((count, cells, axis) => count * Math.ceil(cells / stride[axis]), rows);
}

function isCell(value: number, cells: number): boolean {
  return value >= 0 && value < cells && Number.isInteger(value);
}

function coordsOfKeys(keys: Float64Array, [depth, height, width]: Triple): Int32Array {
  const coords = new Int32Array(4 * keys.length);
  keys.forEach((key, row) => {
    const x = key % width;
    const line = (key - x) / width;
    const y = line % height;
    const layer = (line - y) / height;
    const z = layer % depth;
    coords[4 * row] = (layer - z) / depth;
    coords[4 * row + 1] = z;
    coords[4 * row + 2] = y;
    coords[4 * row + 3] = x;
  });
  return coords;
}
