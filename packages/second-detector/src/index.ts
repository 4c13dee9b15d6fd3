export {
  type BatchNormReluOptions,
  type BatchNormReluResult,
  batchNormRelu,
  type InferenceNorm,
  inferBatchNormRelu,
} from "./network/batch-norm-relu.js";
