import type { Samples } from "./samples.js";

/** [N] number of the group of equal samples that each belongs to, in order of first appearance; −1 for NaN and infinite values. */
export interface EqualSamples {
  readonly groupOf: Int32Array;
  /** number of groups */
  readonly groups: number;
}

/** Finds equal samples by a hash of their bits; −0 equals 0. Time N D. */
export function equalSamples({ data, rows, dims }: Samples): EqualSamples {
  let slots = 16;
  while (slots < 2 * rows) slots *= 2;
  const firstRows = new Int32Array(slots).fill(-1); // open addressing
  const groupOf = new Int32Array(rows).fill(-1);
  const value = new Float64Array(1);
  const halves = new Int32Array(value.buffer);
  let groups = 0;
  for (let i = 0; i < rows; i++) {
    const at = i * dims;
    let hash = 0;
    let finite = 0;
    for (let d = 0; d < dims; d++) {
      value[0] = data[at + d] + 0; // −0 becomes 0
      finite += value[0] - value[0]; // 0, or NaN
      hash = Math.imul(hash ^ halves[0], 0x9e3779b1);
      hash = Math.imul(hash ^ (hash >>> 15) ^ halves[1], 0x85ebca6b);
      hash ^= hash >>> 13;
    }
    if (finite !== 0) continue;
    let slot = hash & (slots - 1);
    while (firstRows[slot] >= 0 && !equal(data, at, firstRows[slot] * dims, dims)) slot = (slot + 1) & (slots - 1);
    if (firstRows[slot] < 0) {
      firstRows[slot] = i;
      groupOf[i] = groups++;
    } else groupOf[i] = groupOf[firstRows[slot]];
  }
  return { groupOf, groups };
}

function equal(data: ArrayLike<number>, a: number, b: number, dims: number): boolean {
  for (let d = 0; d < dims; d++) if (data[a + d] !== data[b + d]) return false;
  return true;
}

/**
 * [N] for each sample that has `most` equal ones of lower index, the last of those; −1 for all others. With `most` = k + 1 no
 * sample needs the rest among its k nearest: a tie goes to the lower index. Their own nearest are the first k, which
 * are those of the sample named here too.
 */
export function copiesBeyond(samples: Samples, most: number): Int32Array {
  const { groupOf, groups } = equalSamples(samples);
  const seen = new Int32Array(groups);
  const last = new Int32Array(groups);
  return groupOf.map((group, i) => {
    if (group < 0) return -1;
    if (seen[group] === most) return last[group];
    seen[group]++;
    last[group] = i;
    return -1;
  });
}
