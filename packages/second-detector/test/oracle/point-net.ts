import type { NamedArray } from "../../src/index.js";

/** One PointNet per cell in float64, one number after the other. */
export function pointNetOracle(
  points: readonly (readonly number[])[],
  {
    counts,
    layers,
    arrays,
    epsilon,
  }: {
    readonly counts: readonly number[];
    readonly layers: readonly string[];
    readonly arrays: ReadonlyMap<string, NamedArray>;
    readonly epsilon: number;
  },
): number[][] {
  let rows = points.map((point) => [...point]);
  for (const layer of layers) {
    const { shape, data } = arrays.get(`${layer}.weight`)!;
    const [gamma, beta, mean, variance] = ["gamma", "beta", "mean", "var"].map(
      (part) => arrays.get(`${layer}.bn.${part}`)!.data,
    );
    rows = rows.map((row) =>
      Array.from({ length: shape[1] }, (_, to) => {
        let sum = 0;
        for (let from = 0; from < shape[0]; from++) sum += row[from] * data[from * shape[1] + to];
        const normal = (sum - mean[to]) / Math.sqrt(variance[to] + epsilon);
        return Math.max(0, gamma[to] * normal + beta[to]);
      }),
    );
  }
  let first = 0;
  return counts.map((count) => {
    const own = rows.slice(first, first + count);
    first += count;
    return own[0].map((_, c) => Math.max(...own.map((row) => row[c])));
  });
}
