/** A number per grid axis: z, y, x. */
export type Triple = readonly [z: number, y: number, x: number];

/** Size of a batch of grids. */
export interface GridExtent {
  /** cells along z, y, x */
  readonly shape: Triple;
  readonly batchSize: number;
}

/**
 * The number of a cell in a batch of grids, row-major over batch, z, y, x. A float64: a batch of 64 grids of full size
 * has more cells than an int32 can count, and far fewer than 2^53.
 */
export function cellKey({ shape: [depth, height, width] }: GridExtent, batch: number, z: number, y: number, x: number) {
  return ((batch * depth + z) * height + y) * width + x;
}

/** The inverse of {@link cellKey}, of ascending keys: [keys, 4] batch, z, y, x. */
export function coordsOfKeys(keys: Float64Array | Int32Array, [depth, height, width]: Triple): Int32Array {
  const coords = new Int32Array(4 * keys.length);
  for (let row = 0; row < keys.length; ) {
    // Below 2^53 a float64 quotient never rounds up to the next whole number, so floor divides exactly.
    const line = Math.floor(keys[row] / width);
    const layer = Math.floor(line / height);
    const batch = Math.floor(layer / depth);
    const z = layer - batch * depth;
    const y = line - layer * height;
    for (const lineStart = line * width; row < keys.length; row += 1) {
      const x = keys[row] - lineStart;
      if (x >= width) break;
      coords[4 * row] = batch;
      coords[4 * row + 1] = z;
      coords[4 * row + 2] = y;
      coords[4 * row + 3] = x;
    }
  }
  return coords;
}
