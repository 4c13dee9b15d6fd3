import { NearestLists } from "./nearest-lists.js";
import { index, type OperationTable, reads, real, updates } from "./operation.js";
import type { NearestSamples } from "./tree-neighbours.js";

/** What `boundedNeighbours` reads. */
export interface BoundedSamples {
  /** [height, width] lower bounds of the squared distances */
  readonly bounds: Float32Array;
  /** [samples, dims] */
  readonly values: Float64Array;
}

/** A block of the matrix of bounds, and what a bound says about a squared distance. */
export interface BoundedNeighbourOptions {
  /** first sample of the block's rows, and of its columns */
  readonly row: number;
  readonly column: number;
  /** rows and columns of the block; what lies past the last sample counts for nothing */
  readonly height: number;
  readonly width: number;
  readonly samples: number;
  readonly dims: number;
  /** neighbours to list */
  readonly k: number;
  /** a sample within squared distance s has a bound of at most `min(s / unit + slack, most)` */
  readonly unit: number;
  readonly slack: number;
  readonly most: number;
}

export interface BoundedNeighbourOperations {
  /**
   * Puts into lists of nearest samples what a block of lower bounds of their squared distances leaves in question: such
   * pairs are measured as by {@link treeNeighbours}. Updates the lists of the block's rows (distances squared), which
   * begin as Infinity and -1; after all columns they are as if every pair had been measured.
   */
  boundedNeighbours(samples: BoundedSamples, nearest: NearestSamples, options: BoundedNeighbourOptions): void;
}

export const boundedNeighbourOperations: OperationTable<BoundedNeighbourOperations> = {
  boundedNeighbours: {
    arrays: {
      ...{ bounds: reads("float32"), values: reads("float64") },
      ...{ distances: updates("float64"), indices: updates("int32") },
    },
    sizes: {
      ...{ row: index(), column: index(), height: index(), width: index() },
      ...{ samples: index(), dims: index(), k: index(1), unit: real, slack: real, most: real },
    },
    arraysOf: ({ bounds, values }, { distances, indices }) => [bounds, values, distances, indices],
    sizesOf(_samples, _nearest, { row, column, height, width, samples, dims, k, unit, slack, most }) {
      return [row, column, height, width, samples, dims, k, unit, slack, most];
    },
    shapesOf: (_samples, _nearest, { height, width, samples, dims, k }) => [
      [height, width],
      [samples, dims],
      [samples, k],
      [samples, k],
    ],
    plain({ bounds, values }, { distances, indices }, options) {
      const { row, column, height, width, samples, dims, k, unit, slack, most } = options;
      const lists = new NearestLists(k, distances, indices);
      const limitOf = (i: number) => Math.min(lists.last(i) / unit + slack, most);
      for (let i = row; i < Math.min(samples, row + height); i++) {
        let limit = limitOf(i);
        for (let j = column, at = (i - row) * width; j < Math.min(samples, column + width); j++, at++) {
          if (!(bounds[at] <= limit) || j === i) continue;
          let distance = 0;
          for (let d = 0; d < dims; d++) {
            const difference = values[i * dims + d] - values[j * dims + d];
            distance += difference * difference;
          }
          lists.add(i, distance, j);
          limit = limitOf(i);
        }
      }
    },
  },
};
