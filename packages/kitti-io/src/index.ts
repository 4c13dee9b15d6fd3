export { boxesFromObjects, boxFromObject, type ObjectOptions, objectFromBox } from "./box.js";
export {
  type Calibration,
  encodeCalibration,
  parseCalibration,
  readCalibration,
  writeCalibration,
} from "./calibration.js";
export { type DatasetOptions, type FrameFiles, type KittiDataset, type KittiFrame, openDataset } from "./dataset.js";
export { type Difficulty, difficultyOf } from "./difficulty.js";
export { MAX_FILE_BYTES } from "./file-limits.js";
export { parseImageSet } from "./frame-ids.js";
export { type Affine, cameraToLidar, lidarToCamera, wrapAngle } from "./frames.js";
export { imageBoxFromObject } from "./image-box.js";
export { parseImageSize, readImageSize } from "./image-size.js";
export {
  type EncodeLabelsOptions,
  encodeLabels,
  KITTI_CLASSES,
  type KittiObject,
  type LabelOptions,
  parseLabels,
  readLabels,
  writeLabels,
} from "./labels.js";
export {
  cropToCameraView,
  type ImageSize,
  type PointOptions,
  type ProjectedPoints,
  projectToImage,
} from "./projection.js";
export { encodeScan, parseScan, readScan, type ScanOptions, writeScan } from "./scan.js";
