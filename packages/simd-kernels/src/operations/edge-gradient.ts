import { checkIndices } from "../check-arguments.js";
import type { SampleSize } from "./kth-neighbours.js";
import { index, type OperationTable, reads, writes } from "./operation.js";

/** Samples, and an edge from each to one other. */
export interface SampleEdges {
  /** [images, dims, samples] */
  readonly x: Float32Array;
  /** [images, samples] where each edge leads, or -1 */
  readonly neighbours: Int32Array;
  /** [images, samples] */
  readonly weights: Float64Array;
}

export interface EdgeGradientOperations {
  /**
   * Gradient of a function of the distances of samples to one neighbour each, `out` [images,dims,samples]: edge i adds
   * `weights[i]·(x[·,i] - x[·,neighbours[i]])` to column i and takes it from column `neighbours[i]`. Edges of weight 0 cost
   * nothing; a neighbour -1 (its weight NaN or 0) stands for 0.
   */
  edgeGradient(edges: SampleEdges, out: Float32Array, options: SampleSize): void;
}

export const edgeGradientOperations: OperationTable<EdgeGradientOperations> = {
  edgeGradient: {
    arrays: { x: reads("float32"), neighbours: reads("int32"), weights: reads("float64"), out: writes("float32") },
    sizes: { images: index(), dims: index(), samples: index() },
    arraysOf: ({ x, neighbours, weights }, out) => [x, neighbours, weights, out],
    sizesOf: (_edges, _out, { images, dims, samples }) => [images, dims, samples],
    shapesOf(_edges, _out, { images, dims, samples }) {
      const [values, edges] = [
        [images, dims, samples],
        [images, samples],
      ];
      return [values, edges, edges, values];
    },
    checkContents: ({ where, find }, { neighbours }, _out, { samples }) =>
      checkIndices(where, "neighbours", neighbours, [-1, samples], find),
    /** The sums of a coordinate are kept in float64. */
    plain({ x, neighbours, weights }, out, { images, dims, samples }) {
      const sums = new Float64Array(samples);
      for (let image = 0; image < images; image++) {
        const first = image * samples;
        // list the edges that pull, so that the inner loop has no branch
        const from = Int32Array.from({ length: samples }, (_, i) => i).filter((i) => weights[first + i] !== 0);
        const to = from.map((i) => Math.max(0, neighbours[first + i]));
        const pulls = Float64Array.from(from, (i) => weights[first + i]);
        for (let d = 0, base = first * dims; d < dims; d++, base += samples) {
          sums.fill(0);
          for (let e = 0; e < from.length; e++) {
            const pull = pulls[e] * (x[base + from[e]] - x[base + to[e]]);
            sums[from[e]] += pull;
            sums[to[e]] -= pull;
          }
          for (let i = 0; i < samples; i++) out[base + i] = sums[i];
        }
      }
    },
  },
};
