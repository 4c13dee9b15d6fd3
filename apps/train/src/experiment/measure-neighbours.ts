import * as tf from "@tensorflow/tfjs-core";
import { type Neighbour, neighbourOf } from "entropy-loss";
import { klEntropy } from "knn-entropy";
import { klEntropyPerDimension } from "knn-entropy/tfjs";
import type { ResultTable } from "report-page";
import { randomStream } from "../system/random.js";
import { meanInterval } from "./statistics.js";

/** The neighbours that the experiment compares. */
export const comparedNeighbours: readonly Neighbour[] = ["C/20", "C/10", "C/5", 1, 5];

/** Samples of an estimate are channels: those of a block of `second-mini`. */
const SAMPLES = [64, 128];
const DIMENSIONS = [2, 16, 128, 2304];
const DRAWS = 20;
const REPEATS = 15;

/** Entropy per dimension of a standard normal, nats. */
const TRUTH = 0.5 * Math.log(2 * Math.PI * Math.E);

/** Error of the estimate for standard normals of known entropy, as few samples and many dimensions as in a layer. */
export function estimationTable(): ResultTable {
  return {
    title: "Error of the estimate",
    note:
      `H per dimension minus the true ${TRUTH.toFixed(4)} nats of a standard normal in D dimensions from N samples: mean ± standard ` +
      `deviation over ${DRAWS} draws. In the loss a constant error cancels in ΔH; its spread does not.`,
    columns: ["N", "D", ...comparedNeighbours.map((k) => `k = ${k}`)],
    rows: SAMPLES.flatMap((rows) =>
      DIMENSIONS.map((dims) => {
        const draws = Array.from({ length: DRAWS }, (_, draw) => normals(rows * dims, draw));
        return [
          rows,
          dims,
          ...comparedNeighbours.map((k) => errorOf(draws, { rows, dims, k: neighbourOf("k", k, rows) })),
        ];
      }),
    ),
  };
}

function errorOf(draws: readonly Float32Array[], sizes: { rows: number; dims: number; k: number }): string {
  const errors = draws.map((x) => klEntropy(x, sizes).entropyPerDimension - TRUTH);
  const { mean } = meanInterval(errors);
  const deviation = Math.sqrt(errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / (errors.length - 1));
  return `${mean < 0 ? "−" : "+"}${Math.abs(mean).toFixed(3)} ± ${deviation.toFixed(3)}`;
}

/** Time of the entropy and its gradient for one layer, relative to that of C/10. */
export function neighbourCostTable(): ResultTable {
  const tap = tf.tensor4d(normals(2 * 48 * 48 * 64, 0), [2, 48, 48, 64]);
  const gradient = (k: number) => tf.grad((x) => klEntropyPerDimension(x as tf.Tensor4D, { k }));
  const times = comparedNeighbours.map((k) => shortest(() => tf.dispose(gradient(neighbourOf("k", k, 64))(tap))));
  tap.dispose();
  const base = times[comparedNeighbours.indexOf("C/10")];
  return {
    title: "Cost of the estimate",
    note: `Entropy and gradient of a layer [2, 48, 48, 64], shortest of ${REPEATS}, over the time with k = C/10.`,
    columns: ["", ...comparedNeighbours.map((k) => `k = ${k}`)],
    rows: [["time", ...times.map((time) => (time / base).toFixed(2))]],
  };
}

function shortest(work: () => void): number {
  let best = Infinity;
  for (let i = 0; i < REPEATS; i++) {
    const started = performance.now();
    work();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

function normals(size: number, draw: number): Float32Array {
  const rng = randomStream(draw, "estimation error");
  return Float32Array.from({ length: size }, () => Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng()));
}
