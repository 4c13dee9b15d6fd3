import {
  type CameraFrame,
  collateCameras,
  collateFrames,
  type DetectorBatch,
  type DetectorConfig,
} from "second-detector";
import type { VoxelFeatures } from "voxelize";

/** What the network sees of one frame. */
export interface FrameInput {
  /** as `prepareFrame` makes them; none is fine */
  readonly voxels: VoxelFeatures;
  /** needed by a configuration that has a camera */
  readonly camera?: CameraFrame | undefined;
}

/**
 * A batch of frames.
 * @throws RangeError if a frame lacks the camera that the configuration has
 */
export function collateInputs(frames: readonly FrameInput[], config: DetectorConfig): DetectorBatch {
  const voxels = frames.map((frame) => frame.voxels);
  const batch = collateFrames(voxels, config);
  if (config.camera === undefined) return batch;
  const cameras = frames.map(({ camera }) => {
    if (camera === undefined) throw new RangeError(`internal: expected a camera of every frame for ${config.name}`);
    return camera;
  });
  return { ...batch, camera: collateCameras(cameras, config) };
}
