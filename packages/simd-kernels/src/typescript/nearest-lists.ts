/** Lists of the k nearest samples, one per sample, each ascending by (distance, index). */
export interface NearestLists {
  readonly k: number;
  /** [samples, k] Infinity where nothing was found yet */
  readonly distances: Float64Array;
  /** [samples, k] −1 where nothing was found yet */
  readonly indices: Int32Array;
}

/**
 * Puts a sample into the list of sample `row` if it belongs to the k nearest. Candidates may come in any order: equal
 * distances are told apart by index. Infinity and NaN never belong.
 */
export function insertNearest(
  { k, distances, indices }: NearestLists,
  row: number,
  distance: number,
  index: number,
): void {
  const first = row * k;
  let at = first + k - 1;
  if (!(distance < distances[at] || (distance === distances[at] && index < indices[at]))) return;
  for (; at > first; at--) {
    const before = distances[at - 1];
    if (before < distance || (before === distance && indices[at - 1] < index)) break;
    distances[at] = before;
    indices[at] = indices[at - 1];
  }
  distances[at] = distance;
  indices[at] = index;
}
