/** Lists of the k nearest samples, one per sample, each ascending by (distance, index); distances squared if Euclidean. */
export interface NearestLists {
  readonly k: number;
  /** [N, k] Infinity where nothing was found yet */
  readonly distances: Float64Array;
  /** [N, k] −1 where nothing was found yet */
  readonly indices: Int32Array;
}

/** Empty lists. */
export function emptyLists(rows: number, k: number): NearestLists {
  return { k, distances: new Float64Array(rows * k).fill(Infinity), indices: new Int32Array(rows * k).fill(-1) };
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
