import { emptyLists, insertNearest, type NearestLists } from "./nearest-list.js";
import type { Norm, Samples } from "./samples.js";

/** Coordinates between two looks at whether a distance already exceeds the k-th found so far. */
const STRIDE = 32;

/**
 * Nearest neighbours by comparing every pair in float64: the rule that every faster way must agree with.
 * Neighbours are ordered by (distance, index). Time N² D.
 */
export function directNeighbours({ data, rows, dims }: Samples, k: number, norm: Norm): NearestLists {
  const lists = emptyLists(rows, k);
  const largest = norm === "max";
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      if (j === i) continue;
      // the distance, squared if Euclidean; left early once it cannot be among the k nearest any more
      const limit = lists.distances[i * k + k - 1];
      let distance = 0;
      let a = i * dims;
      let b = j * dims;
      for (let done = 0; done < dims && !(distance >= limit); ) {
        const stop = Math.min(dims, done + STRIDE);
        for (; done < stop; done++, a++, b++) {
          const difference = data[a] - data[b];
          if (largest) distance = Math.max(distance, Math.abs(difference));
          else distance += difference * difference;
        }
      }
      // an equal distance with a higher index comes later
      if (distance < limit) insertNearest(lists, i, distance, j);
    }
  }
  return lists;
}
