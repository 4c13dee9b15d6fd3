export { type AnchorGrid, type AnchorLayout, buildAnchors, headMapSize } from "./anchors.js";
export { type AnchorTargets, assignTargets, type LabelledBoxes, type TargetRules } from "./assign-targets.js";
export { decodeBoxes, encodeBoxes } from "./box-code.js";
export type {
  AlignmentConfig,
  CameraConfig,
  ConcatFusionConfig,
  FusionConfig,
  GraphFusionConfig,
  ImageBounds,
  ImageConfig,
  ImageResnetConfig,
} from "./camera/camera-config.js";
export type { CameraLayers } from "./camera/camera-layers.js";
export { type CameraBatch, collateCameras } from "./camera/collate-cameras.js";
export { pearsonGraph } from "./camera/pearson-graph.js";
export {
  type AxisMap,
  type PreparedImage,
  type PrepareImageOptions,
  prepareImage,
  type RgbImage,
} from "./camera/prepare-image.js";
export type { CameraFrame } from "./camera/project-cells.js";
export { collateFrames } from "./collate-frames.js";
export {
  type BuiltinConfigName,
  builtinConfig,
  builtinConfigNames,
  builtinConfigText,
  isBuiltinConfigName,
} from "./config/builtin-config.js";
export type {
  AnchorConfig,
  BackboneConfig,
  BatchNormConfig,
  DetectionLossConfig,
  DetectorClass,
  DetectorConfig,
  EncoderConfig,
  NeckConfig,
  PredictConfig,
} from "./config/detector-config.js";
export { detectorSchema } from "./config/detector-schema.js";
export { parseDetectorConfig } from "./config/parse-detector-config.js";
export { decodePredictions, type HeadArrays, type PredictionRules, type Predictions } from "./decode-predictions.js";
export { type DetectionLosses, detectionLoss } from "./detection-loss.js";
export type { DetectorBatch, EncoderFrame, PointBatch, VoxelBatch } from "./detector-batch.js";
export { foldBatchNorm } from "./inference/fold-batch-norm.js";
export { InferenceNetwork } from "./inference/inference-network.js";
export type { NamedArray } from "./named-array.js";
export {
  type BatchNormReluOptions,
  type BatchNormReluResult,
  batchNormRelu,
  type InferenceNorm,
  inferBatchNormRelu,
} from "./network/batch-norm-relu.js";
export { type DetectorLayers, detectorLayers, type EncoderLayers } from "./network/detector-layers.js";
export {
  type ForwardOptions,
  type ForwardResult,
  forwardDense,
  forwardDetector,
  type HeadOutputs,
} from "./network/forward-detector.js";
export {
  type LossGradients,
  type LossGradientsOptions,
  lossGradients,
  type ReportedLoss,
} from "./network/loss-gradients.js";
export { type TrainingLossOptions, type TrainingReport, trainingLoss } from "./network/training-loss.js";
export type { Unit, UnitKind } from "./network/unit.js";
export type { BatchStatistics, StageHook } from "./network/unit-context.js";
export type { Weights } from "./network/unit-tensors.js";
export { AdamW, type AdamWOptions, type AdamWStep } from "./optimizer/adamw.js";
export { type ClipFactor, clipFactor, gradientNorm } from "./optimizer/clip-gradients.js";
export { fetchValues } from "./optimizer/fetch-values.js";
export { type OneCycleOptions, type OneCycleStep, oneCycle } from "./optimizer/one-cycle.js";
export { prepareFrame } from "./prepare-frame.js";
export { openPcdetTensors, weightsFromOpenPcdet, weightsToOpenPcdet } from "./public-weights/openpcdet.js";
export type { RenamedTensor } from "./public-weights/renamed-tensors.js";
export { imageWeightsFromTorchvision } from "./public-weights/torchvision-resnet.js";
export { rotatedIou, rotatedOverlap } from "./rotated-iou.js";
export { type RotatedNmsOptions, rotatedNms } from "./rotated-nms.js";
export {
  encodeSafetensors,
  float32Arrays,
  parseSafetensors,
  parseSafetensorsMetadata,
  type SafetensorsData,
  type SafetensorsDtype,
  type SafetensorsInput,
  type SafetensorsTensor,
} from "./safetensors.js";
export {
  assignWeights,
  createWeights,
  disposeWeights,
  updateRunningStatistics,
  type WeightShapes,
  weightShapes,
  weightsFromArrays,
  weightsToArrays,
} from "./weights.js";
