export type { VoxelizeOptions } from "./assign-voxels.js";
export {
  type BatchedPillars,
  type BatchedVoxels,
  batchPillars,
  batchVoxels,
  type PillarPoints,
  type VoxelFeatures,
} from "./batch-voxels.js";
export { gridSize, MAX_GRID_CELLS, type VoxelGrid } from "./grid.js";
export { meanFeatures } from "./mean-features.js";
export { type PillarOptions, type Pillars, pillars } from "./pillars.js";
export { type Voxels, voxelize } from "./voxelize.js";
