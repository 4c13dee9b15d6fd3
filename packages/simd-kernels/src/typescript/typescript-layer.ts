import type { Operations } from "../operations.js";
import { batchNormReluBackward, batchNormReluForward, scaleShiftRelu } from "./batch-norm.js";
import { boundedNeighbours } from "./bounded-neighbours.js";
import { conv2d, conv2dFilterGradient, conv2dInputGradient } from "./conv2d.js";
import { edgeGradient } from "./edge-gradient.js";
import { adamw, binary, unary } from "./elementwise.js";
import { gemm } from "./gemm.js";
import { kthNeighbours } from "./kth-neighbours.js";
import { mappedGemm, mappedGemmInputGradient, mappedGemmWeightGradient } from "./mapped-gemm.js";
import { copy, multiplyAddChain } from "./peak.js";
import { reduce } from "./reduce.js";
import { rowPairDistances } from "./row-pair-distances.js";
import { copyColumns, gatherRows, segmentSum } from "./rows.js";
import { shiftedPairs } from "./shifted-pairs.js";
import { sortKeys } from "./sort-keys.js";
import { sortSites } from "./sort-sites.js";
import { treeNeighbours } from "./tree-neighbours.js";
import { windowPairs } from "./window-pairs.js";

/** Every operation in plain TypeScript: the reference of the other layers and the last resort. Arguments unchecked. */
export const typescriptLayer: Operations = {
  gemm,
  mappedGemm,
  mappedGemmInputGradient,
  mappedGemmWeightGradient,
  conv2d,
  conv2dInputGradient,
  conv2dFilterGradient,
  rowPairDistances,
  batchNormReluForward,
  batchNormReluBackward,
  scaleShiftRelu,
  gatherRows,
  copyColumns,
  segmentSum,
  binary,
  unary,
  reduce,
  adamw,
  multiplyAddChain,
  copy,
  kthNeighbours,
  treeNeighbours,
  boundedNeighbours,
  edgeGradient,
  sortKeys,
  sortSites,
  shiftedPairs,
  windowPairs,
};
