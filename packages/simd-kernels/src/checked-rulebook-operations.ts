import {
  checkApart,
  checkDoubles,
  checkIndices,
  checkIntegers,
  checkSizes,
  type FindOutside,
} from "./check-arguments.js";
import { mostTapsPerSite, type RulebookOperations, type WindowShape } from "./rulebook-operations.js";

/** Most cells of an output grid: a cell's number, and one a little outside of the grid, fit an int32. */
const MOST_CELLS = 2 ** 30;
/** Taps of all three axes together: a bit each in the TypeScript twin. */
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

    gapPairs(keys, gaps, pairs) {
      const { lower, upper, starts } = pairs;
      checkDoubles("gapPairs", "keys", keys, [keys.length]);
      checkDoubles("gapPairs", "gaps", gaps, [gaps.length]);
      checkSizes("gapPairs", { "keys times gaps": keys.length * gaps.length });
      checkIntegers("gapPairs", "lower", lower, [gaps.length, keys.length]);
      checkIntegers("gapPairs", "upper", upper, [gaps.length, keys.length]);
      checkIntegers("gapPairs", "starts", starts, [gaps.length + 1]);
      checkApart("gapPairs", lower, keys, gaps, upper, starts);
      checkApart("gapPairs", upper, keys, gaps, starts);
      checkApart("gapPairs", starts, keys, gaps);
      for (let i = 0, least = 0; i < keys.length; least = keys[i] + 1, i++) {
        if (!Number.isSafeInteger(keys[i]) || keys[i] < least) {
          throw new RangeError(`gapPairs: expected an integer of at least ${least} for keys[${i}], got ${keys[i]}`);
        }
      }
      for (let g = 0; g < gaps.length; g++) {
        if (!Number.isSafeInteger(gaps[g]) || gaps[g] < 1) {
          throw new RangeError(`gapPairs: expected an integer of at least 1 for gaps[${g}], got ${gaps[g]}`);
        }
      }
      layer.gapPairs(keys, gaps, pairs);
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

function checkWindow(where: string, window: WindowShape): void {
  const { batchSize, outputShape, kernel } = window;
  checkSizes(where, { batchSize });
  for (const name of ["shape", "outputShape", "kernel", "stride", "dilation", "padding"] as const) {
    const [z, y, x] = window[name];
    checkSizes(where, { [`${name} z`]: z, [`${name} y`]: y, [`${name} x`]: x }, name === "padding" ? 0 : 1);
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
  for (let at = 0; at < coords.length; at += 4) {
    const batch = coords[at];
    const z = coords[at + 1];
    const y = coords[at + 2];
    const x = coords[at + 3];
    if (batch < 0 || batch >= batchSize || z < 0 || z >= depth || y < 0 || y >= height || x < 0 || x >= width) {
      throw new RangeError(
        `${where}: expected batch < ${batchSize} and cells within [${depth}, ${height}, ${width}] for coords, ` +
          `got [${batch}, ${z}, ${y}, ${x}] in row ${at / 4}`,
      );
    }
  }
}
