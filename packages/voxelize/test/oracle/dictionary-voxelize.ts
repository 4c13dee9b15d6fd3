/** The definition, literally: a dictionary from cell name to the points that fell into it. Slow and obvious. */
export function dictionaryVoxelize(
  rows: readonly (readonly number[])[],
  range: readonly number[],
  size: readonly number[],
  maxPoints: number,
  maxVoxels: number,
): { cells: { coords: number[]; points: number[][] }[]; outside: number; overflow: number } {
  const f = new Float32Array(1);
  const f32 = (value: number): number => {
    f[0] = value;
    return f[0];
  };
  const grid = [0, 1, 2].map((a) => Math.round(f32(f32(f32(range[a + 3]) - f32(range[a])) / f32(size[a]))));
  const cells = new Map<string, { coords: number[]; points: number[][] }>();
  let outside = 0;
  let overflow = 0;
  for (const row of rows) {
    const index = [0, 1, 2].map((a) => Math.floor(f32(f32(f32(row[a]) - f32(range[a])) / f32(size[a]))));
    const inside = index.every((i, a) => !Number.isNaN(i) && i >= 0 && i < grid[a]);
    if (!inside) {
      outside++;
      continue;
    }
    const name = index.join(",");
    if (!cells.has(name)) {
      if (cells.size >= maxVoxels) {
        overflow++;
        continue;
      }
      cells.set(name, { coords: [index[2] + 0, index[1] + 0, index[0] + 0], points: [] });
    }
    const cell = cells.get(name)!;
    if (cell.points.length < maxPoints) cell.points.push(row.map(f32));
    else overflow++;
  }
  return { cells: [...cells.values()], outside, overflow };
}
