/** Shape and form of a dense product `out[m,n] = op(a) · op(b)`. */
export interface GemmOptions {
  /** rows of `out` and of `op(a)` */
  readonly m: number;
  /** columns of `out` and of `op(b)` */
  readonly n: number;
  /** columns of `op(a)`, rows of `op(b)`; 0 gives a zero product */
  readonly k: number;
  /** `a` is stored [k,m] instead of [m,k] */
  readonly transposeA?: boolean;
  /** `b` is stored [n,k] instead of [k,n] */
  readonly transposeB?: boolean;
  /** add to `out` instead of overwriting it */
  readonly accumulate?: boolean;
}

/**
 * Which input row meets which output row under which tap (kernel offset) of a sparse convolution: pairs
 * `starts[t] .. starts[t+1]` belong to tap t. Pairs of a tap may come in any order and repeat.
 */
export interface PairMap {
  /** number of kernel offsets */
  readonly taps: number;
  /** [taps+1] ascending, first 0, last = number of pairs */
  readonly starts: Int32Array;
  /** [pairs] row of the input, 0 .. inRows-1 */
  readonly inputs: Int32Array;
  /** [pairs] row of the output, 0 .. outRows-1 */
  readonly outputs: Int32Array;
}

/** Sizes of a product whose rows are addressed through a {@link PairMap}. */
export interface MappedGemmOptions {
  readonly map: PairMap;
  readonly inRows: number;
  readonly outRows: number;
  /** channels of an input row */
  readonly cin: number;
  /** channels of an output row */
  readonly cout: number;
}

/**
 * A 2D convolution: output pixel (y,x) under filter tap (ky,kx) reads input pixel
 * `(y·strideHeight - padTop + ky·dilationHeight, x·strideWidth - padLeft + kx·dilationWidth)`, zero outside the image.
 * Padding below and to the right follows from the output size.
 */
export interface Conv2dShape {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
}

/** Sizes of a row-major matrix of points. */
export interface RowPairOptions {
  readonly rows: number;
  readonly dims: number;
}

/** Sizes and form of a batch normalisation over the rows of [rows, channels]. */
export interface BatchNormOptions {
  readonly rows: number;
  readonly channels: number;
  /** added to the variance under the square root */
  readonly epsilon: number;
  /** replace negative results by 0 */
  readonly relu: boolean;
}

/** What `batchNormReluForward` reads. */
export interface BatchNormInputs {
  /** [rows, channels] */
  readonly x: Float32Array;
  /** [channels] factor and addend of the normalised values */
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
}

/** Where `batchNormReluForward` writes. */
export interface BatchNormOutputs {
  /** [rows, channels] */
  readonly out: Float32Array;
  /** [channels] mean and biased variance of the batch */
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** What `batchNormReluBackward` reads; `mean` and `variance` [channels] as the forward direction left them. */
export interface BatchNormGradientInputs extends BatchNormInputs {
  /** [rows, channels] */
  readonly outGradient: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** Where `batchNormReluBackward` writes. */
export interface BatchNormGradients {
  /** [rows, channels] may be the array `outGradient` */
  readonly inputGradient: Float32Array;
  /** [channels] */
  readonly gammaGradient: Float32Array;
  readonly betaGradient: Float32Array;
}

/** What `scaleShiftRelu` reads. */
export interface ScaleShiftInputs {
  /** [rows, channels] */
  readonly x: Float32Array;
  /** [channels] */
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

/** Sizes and form of `x·scale + shift` per channel. */
export interface ScaleShiftOptions {
  readonly rows: number;
  readonly channels: number;
  readonly relu: boolean;
}

/** Sizes of a row-major matrix. */
export interface MatrixSize {
  readonly rows: number;
  readonly columns: number;
}

/** Sizes of `copyColumns`: x [rows,xColumns], out [rows,outColumns]. */
export interface CopyColumnsOptions {
  readonly rows: number;
  /** how many are copied */
  readonly columns: number;
  readonly xColumns: number;
  /** the first that is read */
  readonly xFirst: number;
  readonly outColumns: number;
  /** the first that is written */
  readonly outFirst: number;
}

/** Sizes of a sum of matrix rows by segment. */
export interface SegmentSumOptions extends MatrixSize {
  readonly segments: number;
}

/** Two-operand elementwise operations; `max` and `min` give NaN when either operand is NaN. */
export type BinaryOperation = "add" | "sub" | "mul" | "div" | "max" | "min" | "squaredDifference";

/**
 * How an operand fills [rows, columns]: `full` is [rows, columns], `row` is [columns] (one row for all),
 * `column` is [rows] (one value per row), `scalar` is [1].
 */
export type BroadcastMode = "full" | "row" | "column" | "scalar";

/** Sizes of an elementwise result and the broadcast of both operands. */
export interface BinaryOptions extends MatrixSize {
  readonly aMode: BroadcastMode;
  readonly bMode: BroadcastMode;
}

/** One-operand elementwise operations. `relu` and `step` give NaN for NaN; `step` is 1 where x > 0, else 0. */
export type UnaryOperation = "relu" | "neg" | "abs" | "square" | "sqrt" | "rsqrt" | "reciprocal" | "step";

/** Reductions; of nothing: sum 0, mean NaN, max -Infinity, min Infinity. `max` and `min` give NaN if any entry is. */
export type ReduceOperation = "sum" | "mean" | "max" | "min";

/** Which axis of a row-major [outer, inner] matrix a reduction removes. */
export interface ReduceOptions {
  readonly outer: number;
  readonly inner: number;
  /** `inner` leaves [outer], `outer` leaves [inner] */
  readonly axis: "inner" | "outer";
}

/** What an AdamW step moves, flat arrays of one length: where it writes. */
export interface AdamwState {
  readonly parameters: Float32Array;
  /** running mean of the gradient */
  readonly firstMoment: Float32Array;
  /** running mean of its square */
  readonly secondMoment: Float32Array;
}

/** What an AdamW step reads. */
export interface AdamwInputs extends AdamwState {
  readonly gradient: Float32Array;
}

/** Settings of one decoupled AdamW step. */
export interface AdamwOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** 1 for the first step */
  readonly step: number;
  /** the gradient is multiplied by this first, to clip it; default 1 */
  readonly gradientScale?: number;
}

/** Form of a chain of multiply-adds. */
export interface MultiplyAddChainOptions {
  /** multiply-adds per value */
  readonly rounds: number;
  readonly factor: number;
  readonly addend: number;
}

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

/**
 * A balanced k-d tree. Node 1 is the root, the children of node n are 2n and 2n + 1, the last `leaves` (a power of two) of
 * 2·leaves nodes are the leaves. The points of a node are consecutive.
 */
export interface NeighbourTree {
  /** [count, dims] finite samples in the order of the leaves */
  readonly points: Float64Array;
  /** [count] which sample each point is, none twice */
  readonly index: Int32Array;
  /** [2·leaves] first point of each node */
  readonly starts: Int32Array;
  /** [2·leaves] end of each node's points */
  readonly ends: Int32Array;
  /** [2·leaves, 2, dims] smallest box around each node's points: lowest, then highest coordinates */
  readonly boxes: Float64Array;
}

/** Sizes of a search in a {@link NeighbourTree}. */
export interface TreeNeighbourOptions {
  /** number of samples, those that the tree leaves out included */
  readonly samples: number;
  readonly dims: number;
  /** neighbours to list */
  readonly k: number;
  readonly norm: "euclidean" | "max";
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
