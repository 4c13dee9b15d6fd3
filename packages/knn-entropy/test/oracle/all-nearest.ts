/** All others of each sample sorted by (distance, index), the first k of them: by the plainest way there is. */
export function allNearest(
  x: ArrayLike<number>,
  { rows, dims, k, norm }: { rows: number; dims: number; k: number; norm: "euclidean" | "max" },
): { neighbours: number[][]; distances: number[][] } {
  const sorted = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: rows }, (_, j) => {
      const steps = Array.from({ length: dims }, (_, d) => Math.abs(x[i * dims + d] - x[j * dims + d]));
      const squared = steps.reduce((sum, step) => sum + step * step, 0);
      return { row: j, distance: norm === "max" ? Math.max(...steps) : Math.sqrt(squared) };
    })
      .filter(({ row, distance }) => row !== i && Number.isFinite(distance))
      .sort((a, b) => a.distance - b.distance || a.row - b.row)
      .slice(0, k),
  );
  return {
    neighbours: sorted.map((own) => own.map(({ row }) => row)),
    distances: sorted.map((own) => own.map(({ distance }) => distance)),
  };
}
