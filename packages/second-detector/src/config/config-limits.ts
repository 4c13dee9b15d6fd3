/**
 * How large the numbers of a configuration may be: far beyond any real detector, and small enough that a slip of the keyboard
 * is named with its key instead of filling the memory.
 */
export const LIMITS = {
  /** Metres from the scanner, and of a size. */
  metres: 1e5,
  /** Of a weight, a factor, an exponent. */
  factor: 1e6,
  /** Blocks, stages, layers on points, classes, rotations. */
  entries: 64,
  /** Convolutions of one block. */
  convolutions: 256,
  stride: 64,
  channels: 4096,
  pointsPerVoxel: 4096,
  voxels: 10_000_000,
  /** Candidates of suppression, which compares them pair by pair. */
  boxes: 32_768,
  /** Anchors of a map: 56 bytes each. */
  anchors: 2 ** 23,
  /** Weights of a network: with AdamW's moments they have to fit into a file of 2 GiB. */
  weights: 2 ** 27,
} as const;
