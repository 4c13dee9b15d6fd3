export { readCalibration, writeCalibration } from "./calibration.js";
export { type DatasetOptions, type FrameFiles, type KittiDataset, type KittiFrame, openDataset } from "./dataset.js";
export { MAX_FILE_BYTES } from "./file-limits.js";
export { parseImageSet } from "./frame-ids.js";
export { readImageSize } from "./image-size.js";
export { readLabels, writeLabels } from "./labels.js";
export * from "./parse.js";
export { readScan, writeScan } from "./scan.js";
