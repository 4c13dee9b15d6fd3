// The part of the package that needs no file: what browsers and bundles take.
export { boxesFromObjects, boxFromObject, type ObjectOptions, objectFromBox } from "./box.js";
export { type Calibration, encodeCalibration, parseCalibration } from "./calibration.js";
export { type Difficulty, difficultyOf } from "./difficulty.js";
export { type Affine, cameraToLidar, lidarToCamera, wrapAngle } from "./frames.js";
export { imageBoxFromObject } from "./image-box.js";
export { IMAGE_ENDINGS, parseImageSize } from "./image-size.js";
export {
  type EncodeLabelsOptions,
  encodeLabels,
  KITTI_CLASSES,
  type KittiObject,
  type LabelOptions,
  parseLabels,
} from "./labels.js";
export {
  cropToCameraView,
  type ImageSize,
  lidarToImage,
  type PointOptions,
  type ProjectedPoints,
  projectToImage,
} from "./projection.js";
export { encodeScan, parseScan, type ScanOptions } from "./scan.js";
