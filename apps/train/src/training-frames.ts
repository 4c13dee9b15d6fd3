import {
  boxesFromObjects,
  type Calibration,
  cropToCameraView,
  type KittiFrame,
  type KittiObject,
  openDataset,
} from "kitti-io";
import { LRUCache } from "lru-cache";
import { type DetectorConfig, prepareFrame } from "second-detector";
import type { VoxelFeatures } from "voxelize";

/** A frame with everything done that does not change between epochs. */
export interface PreparedFrame {
  readonly id: string;
  readonly voxels: VoxelFeatures;
  /** [m,7] x, y, z, dx, dy, dz, yaw of the ground truth within the point range; LiDAR frame */
  readonly boxes: Float64Array;
  /** [m] index into the configuration's classes */
  readonly labels: Int32Array;
  readonly calibration: Calibration;
  readonly imageSize: ImageSize;
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** What KITTI's left colour camera has in most frames; used where a frame comes without its image. */
export const USUAL_IMAGE_SIZE: ImageSize = { width: 1242, height: 375 };

/** Memory for prepared frames, in bytes: some 600 full-size ones, so that a small set is read and voxelized once. */
const FRAME_MEMORY = 256 * 2 ** 20;

export interface FrameSource {
  readonly ids: readonly string[];
  /** @throws Error naming the frame and the file that is wrong */
  load(id: string): Promise<PreparedFrame>;
}

/**
 * Reads frames of a KITTI root as the detector wants them: points cropped to the camera's view, as voxels, and the
 * ground truth of the configured classes as boxes. Keeps prepared frames, 256 MiB at most, those used last.
 *
 * @param root folder with `velodyne`, `calib`, `label_2` (and `image_2`, for the image size)
 * @param ids  frames to read
 */
export async function openFrames(
  root: string,
  ids: readonly string[],
  { config, training }: { readonly config: DetectorConfig; readonly training: boolean },
): Promise<FrameSource> {
  const maxVoxels = training ? config.maxVoxels.train : config.maxVoxels.test;
  const dataset = await openDataset(root, { frames: [...ids] });
  const kept = new LRUCache<string, PreparedFrame>({ maxSize: FRAME_MEMORY, sizeCalculation: bytesOf });
  return {
    ids,
    async load(id) {
      const held = kept.get(id);
      if (held !== undefined) return held;
      const prepared = prepareKittiFrame(await dataset.readFrame(id), { config, maxVoxels });
      kept.set(id, prepared);
      return prepared;
    },
  };
}

function bytesOf({ voxels, boxes, labels }: PreparedFrame): number {
  const arrays = [voxels.features, voxels.coords, voxels.counts, boxes, labels];
  return arrays.reduce((bytes, array) => bytes + array.byteLength, 1);
}

function prepareKittiFrame(
  frame: KittiFrame,
  { config, maxVoxels }: { readonly config: DetectorConfig; readonly maxVoxels: number },
): PreparedFrame {
  const imageSize = frame.imageSize ?? USUAL_IMAGE_SIZE;
  const { boxes, labels } = groundTruthInRange(frame.objects ?? [], frame.calibration, config);
  return {
    id: frame.id,
    voxels: prepareFrame(cropToCameraView(frame.points, frame.calibration, imageSize), config, { maxVoxels }),
    boxes,
    labels,
    calibration: frame.calibration,
    imageSize,
  };
}

/** Objects of the configured classes, whatever their difficulty, whose centre lies in the point range. */
function groundTruthInRange(
  objects: readonly KittiObject[],
  calibration: Calibration,
  config: DetectorConfig,
): Pick<PreparedFrame, "boxes" | "labels"> {
  const classNames = config.classes.map((each) => each.name);
  const known = objects.filter((object) => classNames.includes(object.type));
  const boxes = boxesFromObjects(known, calibration);
  const [x0, y0, z0, x1, y1, z1] = config.pointRange;
  const inRange = known.flatMap((object, index) => {
    const box = boxes.slice(7 * index, 7 * index + 7);
    const [x, y, z] = box;
    const inside = x >= x0 && x <= x1 && y >= y0 && y <= y1 && z >= z0 && z <= z1;
    return inside ? [{ box, label: classNames.indexOf(object.type) }] : [];
  });
  return {
    boxes: Float64Array.from(inRange.flatMap(({ box }) => [...box])),
    labels: Int32Array.from(inRange, ({ label }) => label),
  };
}
