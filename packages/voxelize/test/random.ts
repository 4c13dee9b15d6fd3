/** [n, 4] points, uniform in a box a tenth larger than the range on each side, on a lattice of 1 mm as KITTI's are. */
export function randomCloud(rng: () => number, n: number, range: readonly number[]): Float32Array {
  const points = new Float32Array(n * 4);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < 3; a++) {
      const extent = range[a + 3] - range[a];
      points[4 * i + a] = Math.round((range[a] + (rng() * 1.2 - 0.1) * extent) * 1000) / 1000;
    }
    points[4 * i + 3] = rng();
  }
  return points;
}
