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

/** Finds the row of a site by its cell: an open-addressing hash table over two flat arrays. */
export class SiteIndex {
  /** Number of different keys. */
  size = 0;
  private readonly keys: Float64Array;
  private readonly rows: Int32Array;
  private readonly mask: number;

  /** @param capacity the most keys that will be added */
  constructor(capacity: number) {
    let slots = 16;
    while (slots < 2 * capacity) slots *= 2;
    this.keys = new Float64Array(slots).fill(-1);
    this.rows = new Int32Array(slots);
    this.mask = slots - 1;
  }

  /** Adds a key with its row, unless it is there already. @returns whether it was added */
  add(key: number, row: number): boolean {
    const slot = this.slotOf(key);
    if (this.keys[slot] === key) return false;
    this.keys[slot] = key;
    this.rows[slot] = row;
    this.size += 1;
    return true;
  }

  /** Row of a key, -1 if it is not there. */
  find(key: number): number {
    const slot = this.slotOf(key);
    return this.keys[slot] === key ? this.rows[slot] : -1;
  }

  /** Changes the row of a key that is there. */
  setRow(key: number, row: number): void {
    this.rows[this.slotOf(key)] = row;
  }

  /** All keys, ascending. */
  sortedKeys(): Float64Array {
    return this.keys.filter((key) => key >= 0).sort();
  }

  /** The slot that holds the key, or the free one where it belongs. */
  private slotOf(key: number): number {
    const { keys, mask } = this;
    const high = (key / 4294967296) | 0;
    let hash = Math.imul((key >>> 0) ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    while (keys[slot] !== key && keys[slot] !== -1) slot = (slot + 1) & mask;
    return slot;
  }
}
