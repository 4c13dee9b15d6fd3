/** Frames of a dataset at most: their names have six digits. */
export const MAX_FRAMES = 1_000_000;

/** Threads at most. */
export const MAX_WORKERS = 256;

/** Bytes of a `kitti-sim.json` at most. */
export const MAX_MANIFEST_BYTES = 2 ** 16;
