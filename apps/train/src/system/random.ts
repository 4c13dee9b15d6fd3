import seedrandom from "seedrandom";

/**
 * A stream of random numbers in [0, 1) for one purpose of one run. Streams are named instead of shared, so the order
 * of epoch 7 does not depend on how many numbers epoch 6 drew, and a resumed run draws what the first would have.
 */
export function randomStream(seed: number, purpose: string): () => number {
  return seedrandom(`${seed}/${purpose}`);
}

/** The numbers 0..count-1 in random order (Fisher-Yates). */
export function shuffledIndices(count: number, rng: () => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(rng() * (last + 1));
    const held = order[last]!;
    order[last] = order[other]!;
    order[other] = held;
  }
  return order;
}
