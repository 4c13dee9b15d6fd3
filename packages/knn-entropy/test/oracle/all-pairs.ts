/** Every distance, fully sorted: the k-th neighbour by the plainest way there is. */
export function allPairsNeighbours(
  x: ArrayLike<number>,
  { rows, dims, k, norm }: { rows: number; dims: number; k: number; norm: "euclidean" | "max" },
): { radii: number[]; neighbours: number[] } {
  const radii: number[] = [];
  const neighbours: number[] = [];
  for (let i = 0; i < rows; i++) {
    const others: { distance: number; row: number }[] = [];
    for (let j = 0; j < rows; j++) {
      if (j === i) continue;
      const steps = Array.from({ length: dims }, (_, d) => Math.abs(x[i * dims + d] - x[j * dims + d]));
      const squares = steps.reduce((sum, step) => sum + step * step, 0);
      others.push({ distance: norm === "max" ? Math.max(...steps) : Math.sqrt(squares), row: j });
    }
    others.sort((a, b) => a.distance - b.distance || a.row - b.row);
    radii.push(others[k - 1].distance);
    neighbours.push(others[k - 1].row);
  }
  return { radii, neighbours };
}
