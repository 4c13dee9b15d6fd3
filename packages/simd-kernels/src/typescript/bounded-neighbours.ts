import type { BoundedNeighbourOptions } from "../operation-options.js";
import { insertNearest } from "./nearest-lists.js";

/** Plain twin of `boundedNeighbours`. */
export function boundedNeighbours(
  bounds: Float32Array,
  values: Float64Array,
  distances: Float64Array,
  indices: Int32Array,
  { row, column, height, width, samples, dims, k, unit, slack, most }: BoundedNeighbourOptions,
): void {
  const lists = { k, distances, indices };
  const limitOf = (i: number) => Math.min(distances[i * k + k - 1] / unit + slack, most);
  for (let i = row; i < Math.min(samples, row + height); i++) {
    let limit = limitOf(i);
    for (let j = column, at = (i - row) * width; j < Math.min(samples, column + width); j++, at++) {
      if (!(bounds[at] <= limit) || j === i) continue;
      let distance = 0;
      for (let d = 0; d < dims; d++) {
        const difference = values[i * dims + d] - values[j * dims + d];
        distance += difference * difference;
      }
      insertNearest(lists, i, distance, j);
      limit = limitOf(i);
    }
  }
}
