import type {
  AdamwInputs,
  AdamwOptions,
  AdamwState,
  BatchNormGradientInputs,
  BatchNormGradients,
  BatchNormInputs,
  BatchNormOptions,
  BatchNormOutputs,
  BinaryOperation,
  BinaryOptions,
  BoundedNeighbourOptions,
  Conv2dShape,
  CopyColumnsOptions,
  GemmOptions,
  MappedGemmOptions,
  MatrixSize,
  MultiplyAddChainOptions,
  NeighbourOptions,
  NeighbourTree,
  ReduceOperation,
  ReduceOptions,
  RowPairOptions,
  SampleSize,
  ScaleShiftInputs,
  ScaleShiftOptions,
  SegmentSumOptions,
  TreeNeighbourOptions,
  UnaryOperation,
} from "./operation-options.js";
import type { RulebookOperations } from "./rulebook-operations.js";

/**
 * The operations of a layer. All arrays are row-major `Float32Array`s of exactly the size named; index arrays are
 * `Int32Array`. An output may not share memory with an input unless the operation says so. Every element of an output
 * is summed by one thread in a fixed order, so the bits do not depend on the number of threads; they do differ between
 * layers, by float32 rounding, but for {@link RulebookOperations}. Every operation throws TypeError for an array of another
 * kind and RangeError for a wrong length, size or index, before anything is written.
 */
export interface Operations extends RulebookOperations {
  /** `out[m,n] = op(a) · op(b)`, or `out += …` with `accumulate`. */
  gemm(a: Float32Array, b: Float32Array, out: Float32Array, options: GemmOptions): void;

  /** Sparse convolution: `out[o] = Σ over taps t and pairs (i,o) of t: input[i] · weights[t]`; weights [taps,cin,cout]. */
  mappedGemm(input: Float32Array, weights: Float32Array, out: Float32Array, options: MappedGemmOptions): void;

  /** Gradient of {@link mappedGemm} to its input: `inputGradient[i] = Σ outGradient[o] · weights[t]ᵀ`. */
  mappedGemmInputGradient(
    outGradient: Float32Array,
    weights: Float32Array,
    inputGradient: Float32Array,
    options: MappedGemmOptions,
  ): void;

  /** Gradient of {@link mappedGemm} to its weights: `weightGradient[t] = Σ input[i]ᵀ · outGradient[o]`. */
  mappedGemmWeightGradient(
    input: Float32Array,
    outGradient: Float32Array,
    weightGradient: Float32Array,
    options: MappedGemmOptions,
  ): void;

  /**
   * 2D convolution (cross-correlation) of NHWC `input` with `filter` [kh,kw,cin,cout]. The compiled layers compute a 3×3 one
   * of stride 1 with 16 or more channels by minimal filtering (Winograd; Lavin and Gray 2016), and its gradients too: as
   * accurate relative to the largest result; an infinity reaches its neighbours as NaN.
   */
  conv2d(input: Float32Array, filter: Float32Array, out: Float32Array, shape: Conv2dShape): void;

  /** Gradient of {@link conv2d} to its input; also the transposed convolution. */
  conv2dInputGradient(
    outGradient: Float32Array,
    filter: Float32Array,
    inputGradient: Float32Array,
    shape: Conv2dShape,
  ): void;

  /** Gradient of {@link conv2d} to its filter. */
  conv2dFilterGradient(
    input: Float32Array,
    outGradient: Float32Array,
    filterGradient: Float32Array,
    shape: Conv2dShape,
  ): void;

  /**
   * Squared euclidean distance of every pair of rows of `x` [rows,dims]; `out` [rows,rows] is symmetric with a zero
   * diagonal and never negative. Rows are centred first, so a common offset costs no precision.
   */
  rowPairDistances(x: Float32Array, out: Float32Array, options: RowPairOptions): void;

  /**
   * Training batch normalisation, `out = (x - mean) / sqrt(variance + epsilon) · gamma + beta`, then ReLU if asked.
   * Writes the batch's `mean` and biased `variance` [channels], summed in float64. No rows: both are 0.
   */
  batchNormReluForward(inputs: BatchNormInputs, outputs: BatchNormOutputs, options: BatchNormOptions): void;

  /**
   * Gradients of {@link batchNormReluForward} through the batch statistics, which are its `mean` and `variance`. Where the
   * ReLU was off is computed again from x. `inputGradient` may be the same array as `outGradient`.
   */
  batchNormReluBackward(inputs: BatchNormGradientInputs, outputs: BatchNormGradients, options: BatchNormOptions): void;

  /** `out = x·scale + shift` per channel, then ReLU if asked; `out` may be `x`. */
  scaleShiftRelu(inputs: ScaleShiftInputs, out: Float32Array, options: ScaleShiftOptions): void;

  /** `out[i] = x[indices[i]]` for x [rows,columns], out [indices.length,columns]; index -1 gives a row of zeros. */
  gatherRows(x: Float32Array, indices: Int32Array, out: Float32Array, options: MatrixSize): void;

  /**
   * Some columns of one matrix to some of another: `out[r][outFirst + c] = x[r][xFirst + c]` for c < columns; the other
   * columns of out [rows,outColumns] stay. What a concatenation along the last axis, or a part of it, is made of.
   */
  copyColumns(x: Float32Array, out: Float32Array, options: CopyColumnsOptions): void;

  /** `out[s] = Σ x[i] over segmentIds[i] = s`, in the order of i; x [rows,columns], out [segments,columns]; id < 0 is ignored. */
  segmentSum(x: Float32Array, segmentIds: Int32Array, out: Float32Array, options: SegmentSumOptions): void;

  /** `out[rows,columns] = a op b` with broadcasting; `out` may be an operand of mode `full`. */
  binary(operation: BinaryOperation, a: Float32Array, b: Float32Array, out: Float32Array, options: BinaryOptions): void;

  /** `out[i] = op(x[i])`; `out` may be `x`. */
  unary(operation: UnaryOperation, x: Float32Array, out: Float32Array): void;

  /** Sum, mean, maximum or minimum over one axis of `x` [outer,inner]; sums run in float64 in a fixed order. */
  reduce(operation: ReduceOperation, x: Float32Array, out: Float32Array, options: ReduceOptions): void;

  /**
   * One AdamW step on flat arrays: the decay `p -= lr·weightDecay·p`, then
   * `p -= lr · m̂ / (sqrt(v̂) + epsilon)` with bias-corrected moments (Loshchilov and Hutter 2019, as PyTorch's AdamW).
   * Each output may be the input of the same name; in place or not, the bits are the same.
   */
  adamw(inputs: AdamwInputs, outputs: AdamwState, options: AdamwOptions): void;

  /**
   * `values[i] = values[i]·factor + addend`, `rounds` times over, in place. Values stay in registers meanwhile, so with
   * some thousand rounds its 2·rounds·length operations run at the machine's peak: what benchmarks compare with. Give
   * every thread some 1000 values.
   */
  multiplyAddChain(values: Float32Array, options: MultiplyAddChainOptions): void;

  /** `out[i] = x[i]`, past the caches where the machine can: on long arrays its bandwidth, which benchmarks compare with. */
  copy(x: Float32Array, out: Float32Array): void;

  /**
   * The k-th nearest other sample of each sample of x [images,dims,samples], by Euclidean distance, and the distance:
   * `radii` and `neighbours` [images,samples]. Differences and sums are float64; of equal distances the lower index
   * comes first. NaN and infinite distances do not count: a sample without k others has radius NaN and neighbour -1.
   * Compiled layers keep samples² distances in memory.
   */
  kthNeighbours(
    x: Float32Array | Float64Array,
    radii: Float64Array,
    neighbours: Int32Array,
    options: NeighbourOptions,
  ): void;

  /**
   * The k nearest other samples of each sample of a tree: `distances` (squared if Euclidean) and `indices` [samples,k],
   * ascending by (distance, index). Where there are fewer, and for samples that the tree leaves out, Infinity and -1.
   * Differences and sums are float64 in the order of the coordinates, the same bits on every layer.
   */
  treeNeighbours(
    tree: NeighbourTree,
    distances: Float64Array,
    indices: Int32Array,
    options: TreeNeighbourOptions,
  ): void;

  /**
   * Puts into lists of nearest samples what a block of lower bounds [height,width] of their squared distances leaves in question:
   * such pairs are measured on `values` [samples,dims] as by {@link treeNeighbours}. Updates `distances` (squared) and
   * `indices` [samples,k] of the block's rows, which begin as Infinity and -1; after all columns they are as if every
   * pair had been measured.
   */
  boundedNeighbours(
    bounds: Float32Array,
    values: Float64Array,
    distances: Float64Array,
    indices: Int32Array,
    options: BoundedNeighbourOptions,
  ): void;

  /**
   * Gradient of a function of the distances of samples to one neighbour each, for x and `out` [images,dims,samples],
   * `neighbours` and `weights` [images,samples]: edge i adds `weights[i]·(x[·,i] - x[·,neighbours[i]])` to column i and
   * takes it from column `neighbours[i]`. Edges of weight 0 cost nothing; a neighbour -1 (its weight NaN or 0) stands for 0.
   */
  edgeGradient(
    x: Float32Array,
    neighbours: Int32Array,
    weights: Float64Array,
    out: Float32Array,
    options: SampleSize,
  ): void;
}
