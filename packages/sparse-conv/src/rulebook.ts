import type * as tf from "@tensorflow/tfjs-core";
import type { PairMap } from "simd-kernels";
import type { Triple } from "./grid-extent.js";

/**
 * Everything about a sparse convolution that depends on the sites and not on the features: which sites come out, and
 * which input row meets which output row under which kernel offset. Built once per set of sites, shared by the layers
 * on them and by forward and backward pass.
 */
export interface Rulebook {
  /** cells of the kernel along z, y, x; tap number (kz·Ky + ky)·Kx + kx */
  readonly kernel: Triple;
  readonly inRows: number;
  readonly outRows: number;
  /** [outRows, 4] batch, z, y, x of every output row */
  readonly outputCoords: Int32Array;
  /** cells of the output grid along z, y, x */
  readonly outputShape: Triple;
  readonly batchSize: number;
  /** pairs tap by tap; inside a tap no output row comes twice */
  readonly map: PairMap;
}

/** What kernels need of a rulebook: the pairs, and how many rows there are on either side. */
export function pairsOf({ map, inRows, outRows }: Rulebook): Pick<Rulebook, "map" | "inRows" | "outRows"> {
  return { map, inRows, outRows };
}

/** @throws RangeError unless the features have one row per input site */
export function checkFeatures(caller: string, features: tf.Tensor, { inRows }: Rulebook): void {
  if (features.rank === 2 && features.shape[0] === inRows) return;
  throw new RangeError(`${caller}: expected [${inRows}, channels] for features, got [${features.shape.join(", ")}]`);
}
