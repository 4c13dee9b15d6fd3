import { describe, expect, it } from "vitest";
import { changes, layerName, layersOf, varianceOfChanges } from "../browser/charts/layer-changes.js";

const blocks = (...counts: number[]) =>
  counts.flatMap((count, block) => Array.from({ length: count }, (_, tap) => ({ block, tap })));
/** What JSON has for a number that is none. */
const none = null as unknown as number;

describe("changes of entropies from layer to layer", () => {
  it("by hand: differences inside each block, and their variance summed over the blocks", () => {
    const entropy = { layers: blocks(3, 1, 2), last: [1, 2, 5, 9, 4, 2] };
    expect(changes(entropy)).toEqual([
      { between: "1.1→2", nats: 1 },
      { between: "1.2→3", nats: 3 },
      { between: "3.1→2", nats: -2 },
    ]);
    expect(varianceOfChanges(entropy)).toBe(1); // of 1 and 3; of -2 alone 0
  });

  it("an entropy that is no number leaves its changes and the variance without one, not with 0", () => {
    const entropy = { layers: blocks(3), last: [3, none, 3] };
    expect(changes(entropy).map(({ nats }) => nats)).toEqual([null, null]);
    expect(varianceOfChanges(entropy)).toBeNull();
  });

  it("layersOf has the layers of all runs in the order of the network", () => {
    const all = layersOf([{ layers: blocks(2, 2) }, { layers: blocks(3, 1, 1) }]);
    expect(all.map(layerName)).toEqual(["1.1", "1.2", "1.3", "2.1", "2.2", "3.1"]);
    expect(layersOf([])).toEqual([]);
  });
});
