import type { SiteGrid, SortedSites } from "../rulebook-operations.js";
import { sortKeys } from "./sort-keys.js";

/** Plain twin of `sortSites`. */
export function sortSites(coords: Int32Array, { batchSize, shape, margin }: SiteGrid, sites: SortedSites): void {
  const [depth, height, width] = shape;
  const [layers, lines, cells] = [depth + margin[0], height + margin[1], width + margin[2]];
  const { keys, order, faults } = sites;
  faults.fill(-1);
  let before = -1;
  let ascends = true;
  for (let row = 0; row < keys.length; row += 1) {
    const batch = coords[4 * row];
    const z = coords[4 * row + 1];
    const y = coords[4 * row + 2];
    const x = coords[4 * row + 3];
    if (batch < 0 || batch >= batchSize || z < 0 || z >= depth || y < 0 || y >= height || x < 0 || x >= width) {
      faults[0] = row;
      return;
    }
    const key = ((batch * layers + z) * lines + y) * cells + x;
    keys[row] = key;
    order[row] = row;
    if (key <= before) ascends = false;
    before = key;
  }
  if (ascends) return;
  sortKeys(keys.slice(), keys, order);
  faults[1] = keys.findIndex((key, i) => i > 0 && key === keys[i - 1]);
}
