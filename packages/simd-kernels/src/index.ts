export type { Kernels, Layer, LoadOptions } from "./load-kernels.js";
export { kernels, loadKernels } from "./load-kernels.js";
export type {
  AdamwOptions,
  BatchNormOptions,
  BinaryOperation,
  BinaryOptions,
  BroadcastMode,
  Conv2dShape,
  GemmOptions,
  MappedGemmOptions,
  MatrixSize,
  Operations,
  PairMap,
  ReduceOperation,
  ReduceOptions,
  RowPairOptions,
  ScaleShiftOptions,
  SegmentSumOptions,
  UnaryOperation,
} from "./operations.js";
