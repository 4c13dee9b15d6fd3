import type { FastKernels } from "../fast-kernel.js";
import { adamwKernels } from "./adamw.js";
import { batchNormKernels } from "./batch-norm.js";
import { binaryKernels } from "./binary.js";
import { castKernels } from "./cast.js";
import { cellKernels } from "./cells.js";
import { compareKernels } from "./compare.js";
import { conv2dKernels } from "./conv2d.js";
import { fusedKernels } from "./fused.js";
import { gatherKernels } from "./gather.js";
import { matMulKernels } from "./mat-mul.js";
import { moveKernels } from "./move.js";
import { neighbourKernels } from "./neighbours.js";
import { patchHeadsKernels } from "./patch-heads.js";
import { reduceKernels } from "./reduce.js";
import { softmaxKernels } from "./softmax.js";
import { sparseConvolutionKernels } from "./sparse-convolution.js";
import { sparseMaxPoolKernels } from "./sparse-max-pool.js";
import { unaryKernels } from "./unary.js";

/** Every kernel that this package brings, by TensorFlow.js kernel name. */
export const fastKernels: FastKernels = {
  ...conv2dKernels,
  ...matMulKernels,
  ...fusedKernels,
  ...gatherKernels,
  ...batchNormKernels,
  ...binaryKernels,
  ...unaryKernels,
  ...compareKernels,
  ...reduceKernels,
  ...moveKernels,
  ...castKernels,
  ...softmaxKernels,
  ...adamwKernels,
  ...sparseConvolutionKernels,
  ...sparseMaxPoolKernels,
  ...cellKernels,
  ...neighbourKernels,
  ...patchHeadsKernels,
};
