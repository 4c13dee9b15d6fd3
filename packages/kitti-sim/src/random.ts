import seedrandom from "seedrandom";

/**
 * A stream of random numbers in [0, 1) for one purpose of one frame. Streams are named instead of shared: frame 7 is the
 * same whether or not frame 6 was made before it, and by whom.
 */
export function randomStream(seed: number, frame: number, purpose: string): () => number {
  return seedrandom.alea(`${seed}/${frame}/${purpose}`);
}
