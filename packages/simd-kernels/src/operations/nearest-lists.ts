/** Lists of the k nearest samples, each ascending by (distance, index). */
export class NearestLists {
  /**
   * @param k entries of a list
   * @param distances [lists, k] Infinity where nothing was found yet
   * @param indices [lists, k] −1 where nothing was found yet
   */
  constructor(
    readonly k: number,
    readonly distances: Float64Array,
    readonly indices: Int32Array,
  ) {}

  clear(): void {
    this.distances.fill(Infinity);
    this.indices.fill(-1);
  }

  /** The k-th distance of a list. */
  last(list: number): number {
    return this.distances[list * this.k + this.k - 1];
  }

  /**
   * Puts a sample into a list if it belongs to the k nearest. Candidates may come in any order: equal distances are told
   * apart by index. Infinity and NaN never belong.
   */
  add(list: number, distance: number, index: number): void {
    const { k, distances, indices } = this;
    const first = list * k;
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
}
