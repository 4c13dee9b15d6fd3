import type { Samples } from "./samples.js";

/** A growing list of sample pairs. */
export interface PairList {
  first: Int32Array;
  second: Int32Array;
  length: number;
}

/** An empty list with room for some pairs. */
export function pairList(room: number): PairList {
  return { first: new Int32Array(room), second: new Int32Array(room), length: 0 };
}

/** Append a pair and return its position. */
export function addPair(pairs: PairList, first: number, second: number): number {
  if (pairs.length === pairs.first.length) {
    const room = Math.max(16, 2 * pairs.length);
    const grown = pairList(room);
    grown.first.set(pairs.first);
    grown.second.set(pairs.second);
    pairs.first = grown.first;
    pairs.second = grown.second;
  }
  pairs.first[pairs.length] = first;
  pairs.second[pairs.length] = second;
  return pairs.length++;
}

/**
 * Squared Euclidean distances of the listed pairs, as float64 sums of squared differences: [pairs].
 * Always in ascending order of the coordinate, so that equal samples have equal distances to the bit.
 */
export function exactSquaredDistances({ data, rows, dims, order }: Samples, pairs: PairList): Float64Array {
  const { first, second, length } = pairs;
  const out = new Float64Array(length);
  if (order === "rows") {
    for (let q = 0; q < length; q++) {
      let a = first[q] * dims;
      let b = second[q] * dims;
      let sum = 0;
      for (let d = 0; d < dims; d++, a++, b++) {
        const difference = data[a] - data[b];
        sum += difference * difference;
      }
      out[q] = sum;
    }
    return out;
  }
  // all pairs at one coordinate after the other: the N values of a coordinate stay in the first-level cache
  for (let d = 0, base = 0; d < dims; d++, base += rows) {
    for (let q = 0; q < length; q++) {
      const difference = data[base + first[q]] - data[base + second[q]];
      out[q] += difference * difference;
    }
  }
  return out;
}
