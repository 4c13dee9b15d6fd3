import { kernels, mostTapsPerSite, type PairMap } from "simd-kernels";
import { cellKey, type GridExtent } from "./grid-extent.js";
import type { WindowOptions } from "./strided-rulebook.js";

/** The cells that a window reaches from some sites, and from which. */
export interface ReachedCells {
  /** numbers of the cells, ascending, each once */
  readonly keys: Float64Array | Int32Array;
  /** outputs are places in `keys` */
  readonly map: PairMap;
}

/** Lists every cell that every site reaches and sorts them: for grids of any size. */
export function reachBySorting(coords: Int32Array, output: GridExtent, window: Required<WindowOptions>): ReachedCells {
  return joinPairs(reachedCells(coords, output, window));
}

/** Which input row reaches which output cell under which tap, as three columns. */
interface Columns {
  readonly taps: number;
  readonly keys: Float64Array;
  readonly inputs: Int32Array;
  readonly tapOf: Int32Array;
}

function reachedCells(coords: Int32Array, output: GridExtent, window: Required<WindowOptions>): Columns {
  const { kernel, stride, padding, dilation } = window;
  const [depth, height, width] = output.shape;
  const rows = coords.length / 4;
  const most = rows * mostTapsPerSite(window);
  const keys = new Float64Array(most);
  const inputs = new Int32Array(most);
  const tapOf = new Int32Array(most);
  let count = 0;
  for (let row = 0; row < rows; row += 1) {
    for (let kz = 0; kz < kernel[0]; kz += 1) {
      const z = coords[4 * row + 1] + padding[0] - kz * dilation[0]; // times the stride, as y and x below
      if (z < 0 || z % stride[0] !== 0 || z >= depth * stride[0]) continue;
      for (let ky = 0; ky < kernel[1]; ky += 1) {
        const y = coords[4 * row + 2] + padding[1] - ky * dilation[1];
        if (y < 0 || y % stride[1] !== 0 || y >= height * stride[1]) continue;
        for (let kx = 0; kx < kernel[2]; kx += 1) {
          const x = coords[4 * row + 3] + padding[2] - kx * dilation[2];
          if (x < 0 || x % stride[2] !== 0 || x >= width * stride[2]) continue;
          keys[count] = cellKey(output, coords[4 * row], z / stride[0], y / stride[1], x / stride[2]);
          inputs[count] = row;
          tapOf[count] = (kz * kernel[1] + ky) * kernel[2] + kx;
          count += 1;
        }
      }
    }
  }
  return {
    taps: kernel[0] * kernel[1] * kernel[2],
    keys: keys.subarray(0, count),
    inputs: inputs.subarray(0, count),
    tapOf: tapOf.subarray(0, count),
  };
}

/** Numbers the cells in ascending order, each once, and lists the pairs tap by tap in the order of the output rows. */
function joinPairs(reached: Columns): ReachedCells {
  const { taps, tapOf } = reached;
  const count = tapOf.length;
  const keys = new Float64Array(count);
  const order = new Int32Array(count);
  kernels().sortKeys(reached.keys, { sorted: keys, order });
  const starts = new Int32Array(taps + 1);
  for (let i = 0; i < count; i += 1) starts[tapOf[i] + 1] += 1;
  for (let tap = 0; tap < taps; tap += 1) starts[tap + 1] += starts[tap];

  const next = starts.slice();
  const inputs = new Int32Array(count);
  const outputs = new Int32Array(count);
  const different = new Float64Array(count);
  let outRows = 0;
  for (let i = 0; i < count; i += 1) {
    if (i === 0 || keys[i] !== keys[i - 1]) {
      different[outRows] = keys[i];
      outRows += 1;
    }
    const pair = next[tapOf[order[i]]]++;
    inputs[pair] = reached.inputs[order[i]];
    outputs[pair] = outRows - 1;
  }
  return { keys: different.slice(0, outRows), map: { taps, starts, inputs, outputs } };
}
