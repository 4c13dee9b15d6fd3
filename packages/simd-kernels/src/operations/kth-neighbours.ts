import { checkAtMost, factsOf } from "../check-arguments.js";
import { NearestLists } from "./nearest-lists.js";
import { flag, index, type OperationTable, reads, writes } from "./operation.js";

/** Sizes of a batch of sample sets; the samples of an image are the columns of [dims, samples]. */
export interface SampleSize {
  readonly images: number;
  /** coordinates of a sample: the positions of a channels-last map */
  readonly dims: number;
  /** samples of an image: the channels of a channels-last map */
  readonly samples: number;
}

/** Sizes of a search for neighbours. */
export interface NeighbourOptions extends SampleSize {
  /** which neighbour, 1 ≤ k < samples */
  readonly k: number;
}

/** Where `kthNeighbours` writes. */
export interface KthNeighbours {
  /** [images, samples] distance of the k-th neighbour */
  readonly radii: Float64Array;
  /** [images, samples] which sample that is */
  readonly neighbours: Int32Array;
}

export interface KthNeighbourOperations {
  /**
   * The k-th nearest other sample of each sample of x [images,dims,samples], by Euclidean distance, and the distance.
   * Differences and sums are float64; of equal distances the lower index comes first. NaN and infinite distances do not
   * count: a sample without k others has radius NaN and neighbour -1. At most 2^14 samples; samples² distances are kept in memory.
   */
  kthNeighbours(x: Float32Array | Float64Array, found: KthNeighbours, options: NeighbourOptions): void;
}

/** The squares of more would not fit the memory of WebAssembly. */
const MOST_SAMPLES = 2 ** 14;

export const kthNeighbourOperations: OperationTable<KthNeighbourOperations> = {
  kthNeighbours: {
    arrays: { x: reads("real"), radii: writes("float64"), neighbours: writes("int32") },
    sizes: { images: index(), dims: index(), samples: index(2), k: index(1), isFloat64: flag },
    arraysOf: (x, { radii, neighbours }) => [x, radii, neighbours],
    sizesOf: (x, _found, { images, dims, samples, k }) => [
      images,
      dims,
      samples,
      k,
      factsOf.kind(x) === "Float64Array",
    ],
    checkSizes(where, _x, _found, { samples, k }) {
      checkAtMost(where, { samples }, MOST_SAMPLES);
      if (k >= samples) throw new RangeError(`${where}: expected an integer below ${samples} samples for k, got ${k}`);
    },
    shapesOf: (_x, _found, { images, dims, samples }) => [
      [images, dims, samples],
      [images, samples],
      [images, samples],
    ],
    /** Every pair of samples is measured. */
    plain(x, { radii, neighbours }, { images, dims, samples, k }) {
      const squares = new Float64Array(samples * samples);
      const nearest = new NearestLists(k, new Float64Array(k), new Int32Array(k));
      for (let image = 0; image < images; image++) {
        squaredDistances(x.subarray(image * dims * samples, (image + 1) * dims * samples), samples, squares);
        for (let i = 0; i < samples; i++) {
          nearest.clear();
          for (let j = 0; j < samples; j++) if (j !== i) nearest.add(0, squares[i * samples + j], j);
          const neighbour = nearest.indices[k - 1];
          neighbours[image * samples + i] = neighbour;
          radii[image * samples + i] = neighbour < 0 ? NaN : Math.sqrt(nearest.distances[k - 1]);
        }
      }
    },
  },
};

/** squares [samples, samples] of the columns of x [dims, samples], coordinate after coordinate. */
function squaredDistances(x: Float32Array | Float64Array, samples: number, squares: Float64Array): void {
  squares.fill(0);
  for (let base = 0; base < x.length; base += samples) {
    for (let i = 0; i < samples; i++) {
      const value = x[base + i];
      for (let j = i + 1, at = i * samples + i + 1; j < samples; j++, at++) {
        const difference = value - x[base + j];
        squares[at] += difference * difference;
      }
    }
  }
  for (let i = 0; i < samples; i++) {
    for (let j = 0; j < i; j++) squares[i * samples + j] = squares[j * samples + i];
  }
}
