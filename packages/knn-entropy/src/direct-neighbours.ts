import type { KthNeighbours, Norm, Samples } from "./samples.js";

/** Coordinates between two looks at whether a distance already exceeds the k-th found so far. */
const STRIDE = 32;

/**
 * k-th neighbours by comparing every pair in float64: the rule that every faster way must agree with.
 * Neighbours are ordered by (distance, index). Time N² D, memory N.
 */
export function directNeighbours({ data, rows, dims, order }: Samples, k: number, norm: Norm): KthNeighbours {
  const radii = new Float64Array(rows);
  const neighbours = new Int32Array(rows);
  const rowStep = order === "rows" ? dims : 1;
  const dimStep = order === "rows" ? 1 : rows;
  const best = new Float64Array(k); // ascending
  const bestIndex = new Int32Array(k);
  const largest = norm === "max";
  for (let i = 0; i < rows; i++) {
    best.fill(Infinity);
    bestIndex.fill(-1);
    for (let j = 0; j < rows; j++) {
      if (j === i) continue;
      // the distance, squared if Euclidean; left early once it cannot be among the k nearest any more
      const limit = best[k - 1];
      let distance = 0;
      let a = i * rowStep;
      let b = j * rowStep;
      for (let done = 0; done < dims && !(distance >= limit); ) {
        const stop = Math.min(dims, done + STRIDE);
        for (; done < stop; done++, a += dimStep, b += dimStep) {
          const difference = data[a] - data[b];
          if (largest) distance = Math.max(distance, Math.abs(difference));
          else distance += difference * difference;
        }
      }
      if (!(distance < limit)) continue; // an equal distance with a higher index comes later
      let at = k - 1;
      for (; at > 0 && best[at - 1] > distance; at--) {
        best[at] = best[at - 1];
        bestIndex[at] = bestIndex[at - 1];
      }
      best[at] = distance;
      bestIndex[at] = j;
    }
    neighbours[i] = bestIndex[k - 1];
    const radius = best[k - 1];
    radii[i] = bestIndex[k - 1] < 0 ? NaN : largest ? radius : Math.sqrt(radius);
  }
  return { radii, neighbours };
}
