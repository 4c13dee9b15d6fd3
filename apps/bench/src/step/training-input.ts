import type { TrainingBatch } from "@eloss/train/step";
import { boxesFromObjects, cropToCameraView, type KittiFrame, openDataset } from "kitti-io";
import { type AnchorGrid, assignTargets, collateFrames, type DetectorConfig, prepareFrame } from "second-detector";
import type { VoxelFeatures } from "voxelize";

/** Frames in memory, with the work between a scan and a step cut into its stages. */
export interface TrainingInput {
  voxelize(): VoxelFeatures[];
  rulebooks(voxels: readonly VoxelFeatures[]): TrainingBatch["batch"];
  targets(anchors: AnchorGrid): TrainingBatch["targets"];
}

/**
 * Reads frames of a KITTI root.
 * @throws Error naming the frame and the file that is wrong
 */
export async function readInput(root: string, ids: readonly string[], config: DetectorConfig): Promise<TrainingInput> {
  const dataset = await openDataset(root, { frames: [...ids] });
  const frames: KittiFrame[] = [];
  for (const id of ids) frames.push(await dataset.readFrame(id));
  const maxVoxels = config.maxVoxels.train;
  const truths = frames.map((frame) => groundTruth(frame, config));
  return {
    voxelize: () => frames.map((frame) => prepareFrame(cameraView(frame), config, { maxVoxels })),
    rulebooks: (voxels) => collateFrames(voxels, config),
    targets: (anchors) => truths.map((truth) => assignTargets(truth, anchors, config)),
  };
}

/** What KITTI's colour camera has in most frames. */
const USUAL_IMAGE_SIZE = { width: 1242, height: 375 };

function cameraView({ points, calibration, imageSize = USUAL_IMAGE_SIZE }: KittiFrame): Float32Array {
  return cropToCameraView(points, calibration, imageSize);
}

function groundTruth({ objects = [], calibration }: KittiFrame, { classes }: DetectorConfig) {
  const names = classes.map(({ name }) => name);
  const known = objects.filter(({ type }) => names.includes(type));
  return {
    boxes: boxesFromObjects(known, calibration),
    labels: Int32Array.from(known, ({ type }) => names.indexOf(type)),
  };
}
