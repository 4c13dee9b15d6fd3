export type { Kernels, Layer, LoadOptions } from "./kernels.js";
export { kernels, loadKernels, observeKernels, prepareKernels } from "./load-kernels.js";
export type { KernelObserver, ObservedCall } from "./observed-operations.js";
export type {
  AdamwOptions,
  BatchNormOptions,
  BinaryOperation,
  BinaryOptions,
  BoundedNeighbourOptions,
  BroadcastMode,
  Conv2dShape,
  CopyColumnsOptions,
  GemmOptions,
  MappedGemmOptions,
  MatrixSize,
  MultiplyAddChainOptions,
  NeighbourOptions,
  NeighbourTree,
  PairMap,
  ReduceOperation,
  ReduceOptions,
  RowPairOptions,
  SampleSize,
  ScaleShiftOptions,
  SegmentSumOptions,
  TreeNeighbourOptions,
  UnaryOperation,
} from "./operation-options.js";
export type { Operations } from "./operations.js";
export {
  type GridTriple,
  mostTapsPerSite,
  type RulebookOperations,
  type ShiftedPairs,
  type SiteGrid,
  type SortedSites,
  type WindowPairs,
  type WindowShape,
} from "./rulebook-operations.js";
