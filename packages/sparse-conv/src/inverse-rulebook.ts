import type { Triple } from "./grid-extent.js";
import type { Rulebook } from "./rulebook.js";

/**
 * Rulebook of the inverse of a strided convolution: from its output sites back to its input sites, each pair with the
 * roles swapped (spconv's `SparseInverseConv3d`). Tap numbers stay.
 *
 * @param rulebook what {@link buildStridedRulebook} returned
 * @param input    sites [rows, 4] and grid that it was built for
 * @throws RangeError if the number of sites is not that of the rulebook's input
 */
export function buildInverseRulebook(
  rulebook: Rulebook,
  { coords, shape }: { readonly coords: Int32Array; readonly shape: Triple },
): Rulebook {
  if (coords.length !== 4 * rulebook.inRows) {
    throw new RangeError(
      `buildInverseRulebook: expected the ${rulebook.inRows} sites that the rulebook was built for, got ${coords.length / 4}`,
    );
  }
  const { taps, starts, inputs, outputs } = rulebook.map;
  return {
    kernel: rulebook.kernel,
    inRows: rulebook.outRows,
    outRows: rulebook.inRows,
    outputCoords: coords,
    outputShape: shape,
    batchSize: rulebook.batchSize,
    map: { taps, starts, inputs: outputs, outputs: inputs },
  };
}
