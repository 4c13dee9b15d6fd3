import {
  checkApart,
  checkDoubles,
  checkIndices,
  checkIntegers,
  checkSize,
  checkSizes,
  type FindOutside,
} from "./check-arguments.js";
import {
  type GridTriple,
  mostTapsPerSite,
  type RulebookOperations,
  type SiteGrid,
  type WindowShape,
} from "./rulebook-operations.js";

/** Most cells of an output grid: a cell's number, and one a little outside of the grid, fit an int32. */
const MOST_CELLS = 2 ** 30;
/** Taps of all three axes together: a bit each in one int32. */
const MOST_AXIS_TAPS = 31;

/** The integer operations behind the checks of their arguments. */
export function checkedRulebookOperations(layer: RulebookOperations, find: FindOutside): RulebookOperations {
  return {
    sortKeys(keys, sorted, order) {
      checkDoubles("sortKeys", "keys", keys, [keys.length]);
      checkDoubles("sortKeys", "sorted", sorted, [keys.length]);
      checkIntegers("sortKeys", "order", order, [keys.length]);
      checkSizes("sortKeys", { "the number of keys": keys.length });
      checkApart("sortKeys", sorted, keys, order);
      checkApart("sortKeys", order, keys);
      for (let i = 0; i < keys.length; i++) {
        if (!Number.isSafeInteger(keys[i]) || keys[i] < 0) {
          throw new RangeError(`sortKeys: expected whole numbers from 0 to 2^53 - 1 for keys[${i}], got ${keys[i]}`);
        }
      }
      layer.sortKeys(keys, sorted, order);
    },

    sortSites(coords, grid, sites) {
      const { keys, order, faults } = sites;
      const rows = coords.length / 4;
      checkIntegers("sortSites", "coords", coords, [Math.floor(rows), 4]);
      checkDoubles("sortSites", "keys", keys, [rows]);
      checkIntegers("sortSites", "order", order, [rows]);
      checkIntegers("sortSites", "faults", faults, [2]);
      checkGrid("sortSites", grid);
      checkApart("sortSites", keys, coords, order, faults);
      checkApart("sortSites", order, coords, faults);
      checkApart("sortSites", faults, coords);
      layer.sortSites(coords, grid, sites);
    },

    shiftedPairs(keys, order, shifts, pairs) {
      const { inputs, outputs, starts } = pairs;
      const where = "shiftedPairs";
      checkDoubles(where, "keys", keys, [keys.length]);
      checkIntegers(where, "order", order, [keys.length]);
      checkDoubles(where, "shifts", shifts, [shifts.length]);
      checkSizes(where, { "keys times shifts": keys.length * shifts.length });
      checkIntegers(where, "inputs", inputs, [shifts.length, keys.length]);
      checkIntegers(where, "outputs", outputs, [shifts.length, keys.length]);
      checkIntegers(where, "starts", starts, [shifts.length + 1]);
      const written = [inputs, outputs, starts];
      for (let i = 0; i < 3; i++) checkApart(where, written[i], keys, order, shifts, ...written.slice(i + 1));
      checkAscending(where, "keys", keys);
      for (let t = 0; t < shifts.length; t++) {
        if (!Number.isSafeInteger(shifts[t])) {
          throw new RangeError(`${where}: expected an integer for shifts[${t}], got ${shifts[t]}`);
        }
      }
      checkIndices(where, "order", order, [0, order.length], find);
      if (!isCounting(order)) checkEachOnce(where, "order", order);
      layer.shiftedPairs(keys, order, shifts, pairs);
    },

    windowPairs(coords, order, window, pairs) {
      const { inputs, outputs, cells, cellCount, starts } = pairs;
      const where = "windowPairs";
      checkIntegers(where, "order", order);
      checkIntegers(where, "coords", coords, [order.length, 4]);
      checkWindow(where, window);
      const most = order.length * mostTapsPerSite(window);
      checkSizes(where, { "the most pairs": most });
      const [kz, ky, kx] = window.kernel;
      checkIntegers(where, "inputs", inputs, [most]);
      checkIntegers(where, "outputs", outputs, [most]);
      checkIntegers(where, "cells", cells, [most]);
      checkIntegers(where, "cellCount", cellCount, [1]);
      checkIntegers(where, "starts", starts, [kz * ky * kx + 1]);
      const written = [inputs, outputs, cells, cellCount, starts];
      for (let i = 0; i < written.length; i++) checkApart(where, written[i], coords, order, ...written.slice(i + 1));
      checkIndices(where, "order", order, [0, order.length], find);
      checkSites(where, coords, window);
      layer.windowPairs(coords, order, window, pairs);
    },
  };
}

function checkGrid(where: string, { batchSize, shape, margin }: SiteGrid): void {
  checkSizes(where, { batchSize });
  checkAxes(where, "shape", shape, 1);
  checkAxes(where, "margin", margin, 0);
  const cells = shape.reduce((product, length, axis) => product * (length + margin[axis]), batchSize);
  if (cells > Number.MAX_SAFE_INTEGER) throw new RangeError(`${where}: expected at most 2^53 cells, got ${cells}`);
}

function checkAxes(where: string, name: string, [z, y, x]: GridTriple, least: number): void {
  checkSize(where, name, z, least, " z");
  checkSize(where, name, y, least, " y");
  checkSize(where, name, x, least, " x");
}

/** Throws RangeError unless the numbers are whole, ascend from 0 or more, each once, and stay below 2^53. */
function checkAscending(where: string, name: string, numbers: Float64Array): void {
  for (let i = 0, before = -1; i < numbers.length; i++) {
    const number = numbers[i];
    if (!(number > before) || number !== Math.floor(number) || number > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(`${where}: expected an integer of at least ${before + 1} for ${name}[${i}], got ${number}`);
    }
    before = number;
  }
}

/** Whether the indices are 0, 1, 2, … */
function isCounting(indices: Int32Array): boolean {
  for (let i = 0; i < indices.length; i++) if (indices[i] !== i) return false;
  return true;
}

/** Throws RangeError if an index comes twice; they are within 0 .. length−1. */
function checkEachOnce(where: string, name: string, indices: Int32Array): void {
  const has = new Uint8Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i];
    if (has[index] !== 0) throw new RangeError(`${where}: expected every row once in ${name}, got ${index} twice`);
    has[index] = 1;
  }
}

function checkWindow(where: string, window: WindowShape): void {
  const { batchSize, outputShape, kernel } = window;
  checkSizes(where, { batchSize });
  for (const name of ["shape", "outputShape", "kernel", "stride", "dilation", "padding"] as const) {
    checkAxes(where, name, window[name], name === "padding" ? 0 : 1);
  }
  const cells = batchSize * outputShape[0] * outputShape[1] * outputShape[2];
  if (cells > MOST_CELLS) throw new RangeError(`${where}: expected at most 2^30 output cells, got ${cells}`);
  const taps = kernel[0] + kernel[1] + kernel[2];
  if (taps > MOST_AXIS_TAPS) {
    throw new RangeError(`${where}: expected at most ${MOST_AXIS_TAPS} taps along all axes for kernel, got ${taps}`);
  }
}

function checkSites(
  where: string,
  coords: Int32Array,
  { batchSize, shape: [depth, height, width] }: WindowShape,
): void {
  // The sign of what is below 0 or above its limit, of all sites together; which one it was is asked only when there is one.
  let signs = 0;
  for (let at = 0; at < coords.length; at += 4) {
    const batch = coords[at];
    const z = coords[at + 1];
    const y = coords[at + 2];
    const x = coords[at + 3];
    signs |= batch | z | y | x | (batchSize - 1 - batch) | (depth - 1 - z) | (height - 1 - y) | (width - 1 - x);
  }
  if (signs >= 0) return;
  const limits = [batchSize, depth, height, width];
  const at = coords.findIndex((value, i) => value < 0 || value >= limits[i % 4]);
  const row = Math.floor(at / 4);
  throw new RangeError(
    `${where}: expected batch < ${batchSize} and cells within [${depth}, ${height}, ${width}] for coords, ` +
      `got [${coords.subarray(4 * row, 4 * row + 4).join(", ")}] in row ${row}`,
  );
}
