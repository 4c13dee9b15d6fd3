export type { Kernels, Layer, LoadOptions } from "./kernels.js";
export { kernels, loadKernels, observeKernels, prepareKernels } from "./load-kernels.js";
export type { KernelObserver, ObservedCall } from "./observed-operations.js";
export type { AdamwInputs, AdamwOptions, AdamwState } from "./operations/adamw.js";
export type {
  BatchNormGradientInputs,
  BatchNormGradients,
  BatchNormInputs,
  BatchNormOptions,
  BatchNormOutputs,
  ScaleShiftInputs,
  ScaleShiftOptions,
} from "./operations/batch-norm.js";
export type { BinaryOperation, BinaryOptions, BroadcastMode } from "./operations/binary.js";
export type { BoundedNeighbourOptions, BoundedSamples } from "./operations/bounded-neighbours.js";
export type { Conv2dBiasInputs, Conv2dOptions, Conv2dShape } from "./operations/conv2d.js";
export type { SampleEdges } from "./operations/edge-gradient.js";
export type { GemmOptions } from "./operations/gemm.js";
export type { Operations, RulebookOperations } from "./operations/index.js";
export type { KthNeighbours, NeighbourOptions, SampleSize } from "./operations/kth-neighbours.js";
export type { MappedGemmOptions, PairMap } from "./operations/mapped-gemm.js";
export type { PatchHeadsInputs, PatchHeadsOptions } from "./operations/patch-heads.js";
export type { MultiplyAddChainOptions } from "./operations/peak.js";
export type { Precision, PrecisionOption } from "./operations/precision.js";
export type { ReduceOperation, ReduceOptions } from "./operations/reduce.js";
export type { RowPairOptions } from "./operations/row-pair-distances.js";
export type { CopyColumnsOptions, MatrixSize, SegmentSumOptions } from "./operations/rows.js";
export type { SegmentMaxOptions, SegmentMaxOutputs } from "./operations/segment-max.js";
export type { ShiftedKeys, ShiftedPairs } from "./operations/shifted-pairs.js";
export type { SortedKeys } from "./operations/sort-keys.js";
export type { GridTriple, SiteGrid, SortedSites } from "./operations/sort-sites.js";
export type { NearestSamples, NeighbourTree, TreeNeighbourOptions } from "./operations/tree-neighbours.js";
export type { UnaryOperation, UnaryOptions } from "./operations/unary.js";
export { mostTapsPerSite, type OrderedSites, type WindowPairs, type WindowShape } from "./operations/window-pairs.js";
