import { normalSamples } from "test-support/random";

/** A law of independent coordinates whose entropies are known. */
export interface Law {
  readonly name: string;
  /** [rows · dims] coordinates */
  readonly draw: (rng: () => number, count: number) => Float64Array;
  /** Rényi entropy of one coordinate in nats; q = 1 is Shannon's */
  readonly entropy: (q: number) => number;
}

export const laws: readonly Law[] = [
  {
    name: "Gaussian",
    draw: normalSamples,
    entropy: (q) => 0.5 * Math.log(2 * Math.PI) + (q === 1 ? 0.5 : Math.log(q) / (2 * (q - 1))),
  },
  {
    name: "uniform",
    draw: (rng, count) => Float64Array.from({ length: count }, rng),
    entropy: () => 0,
  },
  {
    name: "exponential",
    draw: (rng, count) => Float64Array.from({ length: count }, () => -Math.log(1 - rng())),
    entropy: (q) => (q === 1 ? 1 : Math.log(q) / (q - 1)),
  },
  {
    name: "Laplace",
    draw: (rng, count) => Float64Array.from({ length: count }, () => (rng() < 0.5 ? 1 : -1) * Math.log(1 - rng())),
    entropy: (q) => Math.LN2 + (q === 1 ? 1 : Math.log(q) / (q - 1)),
  },
];
