import type { FastKernels } from "../fast-kernel.js";
import { batchNormKernels } from "./batch-norm.js";
import { conv2dKernels } from "./conv2d.js";
import { gatherKernels } from "./gather.js";
import { matMulKernels } from "./mat-mul.js";

/** Every kernel that this package brings, by TensorFlow.js kernel name. */
export const fastKernels: FastKernels = {
  ...conv2dKernels,
  ...matMulKernels,
  ...gatherKernels,
  ...batchNormKernels,
};
