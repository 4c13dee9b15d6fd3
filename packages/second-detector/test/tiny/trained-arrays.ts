import type { NamedArray } from "../../src/index.js";

/**
 * The same weights with batch norms such as training leaves behind: gains of either sign, offsets, means far from zero and
 * variances over two decades.
 */
export function withRandomNorms(arrays: Map<string, NamedArray>, rng: () => number): Map<string, NamedArray> {
  const ranges: Record<string, (u: number) => number> = {
    gamma: (u) => 1.5 * u - 0.25,
    beta: (u) => 2 * u - 1,
    mean: (u) => 2 * u - 1,
    var: (u) => 10 ** (2 * u - 1),
  };
  for (const [name, { data }] of arrays) {
    const value = ranges[name.match(/\.bn\.(\w+)$/)?.[1] ?? ""];
    if (value !== undefined) for (let i = 0; i < data.length; i++) data[i] = value(rng());
  }
  return arrays;
}
