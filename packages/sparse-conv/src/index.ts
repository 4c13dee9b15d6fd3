export { stridedConvolution, submanifoldConvolution } from "./convolve-tensor.js";
export type { GridExtent, Triple } from "./grid-extent.js";
export { buildInverseRulebook } from "./inverse-rulebook.js";
export { maxPoolRows, maxPoolSegments, sparseMaxPool } from "./max-pool.js";
export type { Rulebook } from "./rulebook.js";
export { type FoldedConvolution, sparseConvolution, sparseConvolutionBiasRelu } from "./sparse-convolution.js";
export { type SparseTensor3D, toBev, toDense } from "./sparse-tensor.js";
export { buildStridedRulebook, type StridedOptions, type WindowOptions } from "./strided-rulebook.js";
export { buildSubmanifoldRulebook, type SubmanifoldOptions } from "./submanifold-rulebook.js";
