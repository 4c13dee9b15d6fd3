import type * as tf from "@tensorflow/tfjs-core";

/**
 * A feature map: channels last [B, H, W, C], or samples already in rows [B, N, D]. Its rank is checked at the call: what the
 * functions of TensorFlow.js hand on, to the function of a gradient too, has no rank in its type.
 */
export type FeatureMap = tf.Tensor;

/** What the estimators see in a feature map: `rows` samples in R^dims for each of `images` images. */
export interface MapSize {
  readonly images: number;
  /** samples: channels C of [B, H, W, C], or N of [B, N, D] */
  readonly rows: number;
  /** dimension: H·W, or D */
  readonly dims: number;
  /** how one image lies in memory */
  readonly order: "rows" | "columns";
}

/**
 * Sizes of a feature map.
 * @throws TypeError for another dtype, RangeError for another rank or an empty axis
 */
export function mapSize(where: string, x: FeatureMap): MapSize {
  const shape: readonly number[] = x.shape;
  if (x.dtype !== "float32") throw new TypeError(`${where}: expected a float32 tensor for x, got ${x.dtype}`);
  if ((shape.length !== 3 && shape.length !== 4) || x.size === 0) {
    throw new RangeError(`${where}: expected [B,H,W,C] or [B,N,D] with no empty axis for x, got [${shape}]`);
  }
  return shape.length === 4
    ? { images: shape[0], rows: shape[3], dims: shape[1] * shape[2], order: "columns" }
    : { images: shape[0], rows: shape[1], dims: shape[2], order: "rows" };
}
