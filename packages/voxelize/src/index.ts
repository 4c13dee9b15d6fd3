export { type BatchedVoxels, batchVoxels, type VoxelFeatures } from "./batch-voxels.js";
export { gridSize, MAX_GRID_CELLS, type VoxelGrid } from "./grid.js";
export { meanFeatures } from "./mean-features.js";
export { type PillarOptions, type Pillars, pillars } from "./pillars.js";
export { type VoxelizeOptions, type Voxels, voxelize } from "./voxelize.js";
