export { doubtsOf } from "./doubts-of.js";
export { pointCloudExtensions } from "./file-format.js";
export { type ColumnGuess, guessColumns } from "./guess-columns.js";
export { type PointCloud, type ReadOptions, readPointCloud } from "./read-point-cloud.js";
export { roadHeight } from "./road-height.js";
