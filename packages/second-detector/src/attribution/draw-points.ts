/** How much of a scan stays: more of it where its points are sparse. */
export interface KeepLaw {
  /** Probability that a cell at the sensor stays. */
  readonly near: number;
  /** Probability of one at `reach` and beyond. Between them it grows with the distance along the ground. */
  readonly far: number;
  /** Metres. */
  readonly reach: number;
}

/** How scans are thinned out. */
export interface DrawOptions {
  /** Side of a cell, metres: its points stay or go together. */
  readonly cell: number;
  readonly keep: KeepLaw;
  /** Uniform numbers in [0, 1). */
  readonly rng: () => number;
}

/**
 * One random thinning: space is cut into cubes, and each stays with the probability that its distance gives. The cubes lie anew
 * each time, turned about z and moved, so that no point is always with the same neighbours.
 *
 * Whether a cell stays is a hash of its place and of a number drawn here: no table of cells.
 * @param points [n, 4] x, y, z in metres, sensor at the origin
 * @param stays  [n] 1 for a point that stays, 0 for one that goes
 * @returns      how many stay
 */
export function drawPointsInto(
  points: Float32Array,
  { cell, keep: { near, far, reach }, rng }: DrawOptions,
  stays: Uint8Array,
): number {
  const angle = (rng() * Math.PI) / 2;
  const [cos, sin] = [Math.cos(angle) / cell, Math.sin(angle) / cell];
  const [shiftX, shiftY, shiftZ] = [rng(), rng(), rng()];
  const salt = Math.floor(rng() * 2 ** 32);
  let count = 0;
  for (let i = 0, p = 0; i < stays.length; i++, p += 4) {
    const x = Math.floor(points[p] * cos - points[p + 1] * sin + shiftX);
    const y = Math.floor(points[p] * sin + points[p + 1] * cos + shiftY);
    const z = Math.floor(points[p + 2] / cell + shiftZ);
    // The middle of the cell decides, so that all of its points share one probability.
    const distance = cell * Math.hypot(x + 0.5 - shiftX, y + 0.5 - shiftY);
    const probability = near + (far - near) * Math.min(1, distance / reach);
    const stayed = uniform(x, y, z, salt) < probability ? 1 : 0;
    stays[i] = stayed;
    count += stayed;
  }
  return count;
}

/** A number in [0, 1) for each cell and salt. */
function uniform(x: number, y: number, z: number, salt: number): number {
  let h = mix(salt ^ Math.imul(x, 0x9e3779b1));
  h = mix(h ^ Math.imul(y, 0x85ebca77));
  h = mix(h ^ Math.imul(z, 0xc2b2ae3d));
  return (h >>> 0) / 2 ** 32;
}

/** The integer finaliser of MurmurHash3. */
function mix(key: number): number {
  const h = Math.imul(key ^ (key >>> 16), 0x85ebca6b);
  const g = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return g ^ (g >>> 16);
}
