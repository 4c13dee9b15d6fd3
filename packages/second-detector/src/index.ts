export { type AnchorGrid, buildAnchors, headMapSize } from "./anchors.js";
export { type AnchorTargets, assignTargets } from "./assign-targets.js";
export {
  attributeByRemoval,
  type RemovalAttribution,
  type RemovalOptions,
} from "./attribution/attribute-by-removal.js";
export { boxIou } from "./attribution/box-iou.js";
export { detectionSimilarity, type ScoredBoxes } from "./attribution/detection-similarity.js";
export type { KeepLaw } from "./attribution/draw-points.js";
export { type ScoredAnchor, scoreGradients } from "./attribution/score-gradients.js";
export { decodeBoxes, encodeBoxes } from "./box-code.js";
export type { CameraConfig, ImageBounds } from "./camera/camera-config.js";
export { type CameraBatch, collateCameras } from "./camera/collate-cameras.js";
export { pearsonGraph } from "./camera/pearson-graph.js";
export { type PreparedImage, prepareImage, type RgbImage } from "./camera/prepare-image.js";
export type { CameraFrame } from "./camera/project-cells.js";
export { collateFrames } from "./collate-frames.js";
export {
  type BuiltinConfigName,
  builtinConfig,
  builtinConfigNames,
  builtinConfigText,
  isBuiltinConfigName,
} from "./config/builtin-config.js";
export type { DetectorConfig } from "./config/detector-config.js";
export { detectorSchema } from "./config/detector-schema.js";
export { parseDetectorConfig } from "./config/parse-detector-config.js";
export { decodePredictions, type Predictions } from "./decode-predictions.js";
export { type DetectionLosses, detectionLoss } from "./detection-loss.js";
export type { DetectorBatch, EncoderFrame, PointBatch, VoxelBatch } from "./detector-batch.js";
export { estimateStepMemory } from "./estimate-memory.js";
export { foldBatchNorm } from "./inference/fold-batch-norm.js";
export { InferenceNetwork } from "./inference/inference-network.js";
export type { NamedArray } from "./named-array.js";
export { type BatchNormReluResult, batchNormRelu, inferBatchNormRelu } from "./network/batch-norm-relu.js";
export { type DetectorLayers, detectorLayers, type EncoderLayers } from "./network/detector-layers.js";
export { type ForwardResult, forwardDense, forwardDetector, type HeadOutputs } from "./network/forward-detector.js";
export {
  type LossGradients,
  type LossGradientsOptions,
  lossGradients,
  type ReportedLoss,
} from "./network/loss-gradients.js";
export { type TrainingReport, trainingLoss } from "./network/training-loss.js";
export type { Unit } from "./network/unit.js";
export type { Weights } from "./network/unit-tensors.js";
export { AdamW } from "./optimizer/adamw.js";
export { type ClipFactor, clipFactor, gradientNorm } from "./optimizer/clip-gradients.js";
export { fetchValues } from "./optimizer/fetch-values.js";
export { type OneCycleStep, oneCycle } from "./optimizer/one-cycle.js";
export { prepareFrame } from "./prepare-frame.js";
export { type Mmdet3dOptions, mmdet3dConfig, weightsFromMmdet3d } from "./public-weights/mmdetection3d.js";
export {
  openPcdetConfig,
  openPcdetTensors,
  weightsFromOpenPcdet,
  weightsToOpenPcdet,
} from "./public-weights/openpcdet.js";
export {
  type PublicDetector,
  type PublicSource,
  publicDetector,
  publicSources,
} from "./public-weights/public-detector.js";
export type { RenamedTensor } from "./public-weights/renamed-tensors.js";
export { imageWeightsFromTorchvision } from "./public-weights/torchvision-resnet.js";
export { isPytorchFile, parsePytorchFile } from "./pytorch-file/parse-pytorch-file.js";
export type { PickleValue } from "./pytorch-file/pickle-value.js";
export { PytorchTensor } from "./pytorch-file/pytorch-tensor.js";
export { type PublicCheckpoint, readStateDict } from "./pytorch-file/state-dict.js";
export { rotatedIou, rotatedOverlap } from "./rotated-iou.js";
export { rotatedNms } from "./rotated-nms.js";
export {
  encodeSafetensors,
  float32Arrays,
  parseSafetensors,
  parseSafetensorsMetadata,
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
