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

/** Two variables of which one or both are discrete or mixed, whose mutual information is known. */
export interface PairLaw {
  readonly name: string;
  readonly draw: (rng: () => number, rows: number) => { readonly x: Float64Array; readonly y: Float64Array };
  /** in nats */
  readonly information: number;
}

/** [rows] integers from 0 to below `count`, all equally likely. */
export function levels(rng: () => number, rows: number, count: number): Float64Array {
  return Float64Array.from({ length: rows }, () => Math.floor(count * rng()));
}

const sum = (term: (n: number) => number) => Array.from({ length: 60 }, (_, i) => term(i + 1)).reduce((a, b) => a + b);
/** H(Y|X) of Y Poisson of mean X, X exponential of mean 1 (Gao, Kannan, Oh and Viswanath 2017, section 5). */
const poissonGiven = 0.5772156649015329 + sum((n) => Math.log(n) / 2 ** n);
const surprise = (p: number) => -p * Math.log(p);

export const mixedLaws: readonly PairLaw[] = [
  ...[2, 10].map((count) => ({
    name: `${count} levels and themselves`,
    draw: (rng: () => number, rows: number) => {
      const x = levels(rng, rows, count);
      return { x, y: x };
    },
    information: Math.log(count),
  })),
  {
    name: "X of 5 integers, Y = X + uniform on [0, 2]",
    draw: (rng, rows) => {
      const x = levels(rng, rows, 5);
      return { x, y: x.map((v) => v + 2 * rng()) };
    },
    information: Math.log(5) - (4 / 5) * Math.LN2,
  },
  ...[0, 0.15].map((p) => ({
    name: `X exponential, 0 with probability ${p}, Y Poisson of mean X`,
    draw: (rng: () => number, rows: number) => {
      const x = Float64Array.from({ length: rows }, () => (rng() < p ? 0 : -Math.log(1 - rng())));
      return { x, y: x.map((mean) => poisson(rng, mean)) };
    },
    information: surprise(p + (1 - p) / 2) + sum((n) => surprise((1 - p) / 2 ** (n + 1))) - (1 - p) * poissonGiven,
  })),
];

/** Multiplies uniform numbers until they fall below e^−mean. */
function poisson(rng: () => number, mean: number): number {
  let count = 0;
  for (let product = rng(); product > Math.exp(-mean); product *= rng()) count++;
  return count;
}
