import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { normalSamples, seededRandom } from "test-support/random";
import {
  conditionalMutualInformation,
  discreteEntropy,
  ellipsoidEntropy,
  klEntropy,
  klMutualInformation,
  ksgMutualInformation,
  lncMutualInformation,
  mixedMutualInformation,
  type Noise,
  renyiEntropy,
  tsallisEntropy,
} from "../src/index.js";
import { laws, levels, mixedLaws } from "./laws.js";

// Writes the tables of the README's section on conformance: mean and standard deviation of estimate − closed form over
// seeded replicates. Usage: pnpm --filter knn-entropy conformance

const README = new URL("../README.md", import.meta.url);
const [START, END] = ["<!-- conformance -->", "<!-- /conformance -->"];
/** Replicates of each sample size. */
const REPLICATES = new Map([
  [100, 100],
  [1000, 30],
  [10_000, 4],
]);
const NEIGHBOURS = [1, 3, 10];

/** Mean ± deviation of an estimate's error, over replicates that each have their own seed. */
function errorOf(rows: number, estimate: (rng: () => number) => number): string {
  const errors = Array.from({ length: REPLICATES.get(rows)! }, (_, i) => estimate(seededRandom(1000 * rows + i)));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const variance = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / (errors.length - 1);
  return `${mean < 0 ? "−" : "+"}${Math.abs(mean).toFixed(3)} ± ${Math.sqrt(variance).toFixed(3)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function klTable(): string {
  const columns = [...REPLICATES.keys()].flatMap((rows) => NEIGHBOURS.map((k) => ({ rows, k })));
  const lines = laws.flatMap(({ name, draw, entropy }) =>
    [1, 2, 3, 5, 8].map((dims) => [
      name,
      String(dims),
      ...columns.map(({ rows, k }) =>
        errorOf(rows, (rng) => klEntropy(draw(rng, rows * dims), { rows, dims, k }).entropy - dims * entropy(1)),
      ),
    ]),
  );
  return table(["law", "d", ...columns.map(({ rows, k }) => `N = ${rows}, k = ${k}`)], lines);
}

/** Estimators in a word each, and the error of one estimate. */
type Errors = readonly (readonly [string, (rng: () => number, rows: number, k: number) => number])[];

/** Estimators other than Kozachenko–Leonenko, each against the closed form of a Gaussian. */
const others: Errors = [
  ...[0.7, 2].map(
    (q) =>
      [
        `Rényi, q = ${q}, d = 2`,
        (rng: () => number, rows: number, k: number) =>
          renyiEntropy(normalSamples(rng, 2 * rows), { rows, dims: 2, k, q }).entropy - 2 * laws[0].entropy(q),
      ] as const,
  ),
  [
    "Tsallis, q = 2, d = 2",
    (rng, rows, k) =>
      tsallisEntropy(normalSamples(rng, 2 * rows), { rows, dims: 2, k, q: 2 }).entropy -
      (1 - Math.exp(-2 * laws[0].entropy(2))),
  ],
  ...(["lsb", "lsb-self"] as const).map(
    (variant) =>
      [
        `ellipsoid ${variant}, d = 3, one coordinate × 1e-3`,
        (rng: () => number, rows: number, k: number) => {
          const x = normalSamples(rng, 3 * rows).map((v, i) => (i % 3 === 0 ? 1e-3 * v : v));
          return ellipsoidEntropy(x, { rows, dims: 3, k, variant }).entropy - 3 * laws[0].entropy(1) - Math.log(1e-3);
        },
      ] as const,
  ),
  ...[0, 0.5, 0.9].flatMap((rho) => [
    [`Kraskov 1, ρ = ${rho}`, (rng: () => number, rows: number, k: number) => ksgError(rng, rows, k, rho, 1)] as const,
    [`Kraskov 2, ρ = ${rho}`, (rng: () => number, rows: number, k: number) => ksgError(rng, rows, k, rho, 2)] as const,
    [
      `three entropies, ρ = ${rho}`,
      (rng: () => number, rows: number, k: number) => {
        const { x, y } = pair(rng, rows, rho);
        return klMutualInformation(x, y, { rows, xDims: 1, yDims: 1, k }).information - informationOf(rho);
      },
    ] as const,
    [
      `conditional, partial correlation ${rho}`,
      (rng: () => number, rows: number, k: number) => {
        const [{ x, y }, given] = [pair(rng, rows, rho), normalSamples(rng, rows)];
        const parts = { x: x.map((v, i) => v + given[i]), y: y.map((v, i) => v + given[i]), given };
        const sizes = { rows, xDims: 1, yDims: 1, givenDims: 1, k };
        return conditionalMutualInformation(parts, sizes).information - informationOf(rho);
      },
    ] as const,
  ]),
];

function ksgError(rng: () => number, rows: number, k: number, rho: number, algorithm: 1 | 2): number {
  const { x, y } = pair(rng, rows, rho);
  return ksgMutualInformation(x, y, { rows, xDims: 1, yDims: 1, k, algorithm }).information - informationOf(rho);
}

/** Standard normal numbers of correlation ρ. */
function pair(rng: () => number, rows: number, rho: number) {
  const x = normalSamples(rng, rows);
  const y = normalSamples(rng, rows).map((v, i) => rho * x[i] + Math.sqrt(1 - rho * rho) * v);
  return { x, y };
}

const informationOf = (rho: number) => -0.5 * Math.log(1 - rho * rho);

/** Estimators of one pair of scalar variables, in a word each. */
const ofPairs = {
  "Kraskov 1": (x: Float64Array, y: Float64Array, k: number, noise?: Noise) =>
    ksgMutualInformation(x, y, { rows: x.length, xDims: 1, yDims: 1, k, noise }).information,
  "local correction": (x: Float64Array, y: Float64Array, k: number) =>
    lncMutualInformation(x, y, { rows: x.length, xDims: 1, yDims: 1, k }).information,
  mixed: (x: Float64Array, y: Float64Array, k: number) =>
    mixedMutualInformation(x, y, { rows: x.length, xDims: 1, yDims: 1, k }).information,
};

const strong: Errors = [0.9, 0.99, 0.999, 0.9999].flatMap((rho) =>
  (["Kraskov 1", "local correction"] as const).map(
    (name) =>
      [
        `${name}, ρ = ${rho}`,
        (rng: () => number, rows: number, k: number) => {
          const { x, y } = pair(rng, rows, rho);
          return ofPairs[name](x, y, k) - informationOf(rho);
        },
      ] as const,
  ),
);

const tied: Errors = mixedLaws.flatMap(({ name, draw, information }) => [
  ...(["Kraskov 1", "mixed"] as const).map(
    (estimator) =>
      [
        `${name}: ${estimator}`,
        (rng: () => number, rows: number, k: number) => {
          const { x, y } = draw(rng, rows);
          return ofPairs[estimator](x, y, k) - information;
        },
      ] as const,
  ),
  [
    `${name}: Kraskov 1 with noise`,
    (rng: () => number, rows: number, k: number) => {
      const { x, y } = draw(rng, rows);
      return ofPairs["Kraskov 1"](x, y, k, { seed: Math.floor(2 ** 32 * rng()) }) - information;
    },
  ] as const,
]);

const discrete: Errors = (["none", "miller-madow"] as const).map((correction) => [
  `ten levels: entropy, ${correction === "none" ? "plug-in" : "Miller–Madow"}`,
  (rng: () => number, rows: number) =>
    discreteEntropy(levels(rng, rows, 10), { rows, dims: 1, correction }).entropy - Math.log(10),
]);

function otherTable(estimators: Errors): string {
  const columns = [100, 1000].flatMap((rows) => [3, 10].map((k) => ({ rows, k })));
  const lines = estimators.map(([name, error]) => [
    name,
    ...columns.map(({ rows, k }) => errorOf(rows, (rng) => error(rng, rows, k))),
  ]);
  return table(["estimator", ...columns.map(({ rows, k }) => `N = ${rows}, k = ${k}`)], lines);
}

const text = readFileSync(README, "utf8");
const [from, to] = [text.indexOf(START), text.indexOf(END)];
if (from < 0 || to < from) throw new Error(`README.md: expected ${START} before ${END}, got neither or another order`);
const replicates = [...REPLICATES].map(([rows, count]) => `${count} at N = ${rows}`).join(", ");
const body = [
  `Estimate − closed form in nats, mean ± standard deviation of one estimate; replicates: ${replicates}.`,
  "Kozachenko–Leonenko, Euclidean norm, independent coordinates:",
  klTable(),
  "The others, of Gaussians (mutual information of pairs of correlation ρ):",
  otherTable(others),
  "Mutual information of strongly dependent Gaussians, and the local correction (threshold 0.25):",
  otherTable(strong),
  "Discrete and mixed variables (the entropies do not depend on k):",
  otherTable([...tied, ...discrete]),
].join("\n\n");
const temporary = new URL("../README.md.part", import.meta.url);
writeFileSync(temporary, `${text.slice(0, from)}${START}\n\n${body}\n\n${text.slice(to)}`);
renameSync(temporary, README);
