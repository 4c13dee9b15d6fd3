import {
  boxesFromObjects,
  type Calibration,
  cropToCameraView,
  type Difficulty,
  difficultyOf,
  type KittiFrame,
  openDataset,
} from "kitti-io";
import type { LabelledScan } from "lidar-augment";
import { LRUCache } from "lru-cache";
import { type CameraFrame, type DetectorConfig, prepareFrame, type RgbImage } from "second-detector";
import type { VoxelFeatures } from "voxelize";
import { cameraFrame, readCameraImage } from "./camera-frame.js";

/** A frame with everything done that does not change between epochs. */
export interface PreparedFrame {
  readonly id: string;
  readonly voxels: VoxelFeatures;
  /** for a configuration that has a camera */
  readonly camera?: CameraFrame | undefined;
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
 * @param root folder with `velodyne`, `calib`, `label_2` (and `image_2`, for the image size and the camera of a configuration)
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
      const image = await readCameraImage(dataset.files(id), config);
      const prepared = prepareKittiFrame(await dataset.readFrame(id), { config, maxVoxels, image });
      kept.set(id, prepared);
      return prepared;
    },
  };
}

function bytesOf({ voxels, camera, boxes, labels }: PreparedFrame): number {
  const arrays = [voxels.features, voxels.coords, voxels.counts, boxes, labels];
  if (camera) arrays.push(camera.image.pixels);
  return arrays.reduce((bytes, array) => bytes + array.byteLength, 1);
}

interface PrepareOptions {
  readonly config: DetectorConfig;
  readonly maxVoxels: number;
  readonly image: RgbImage | undefined;
}

function prepareKittiFrame(frame: KittiFrame, { config, maxVoxels, image }: PrepareOptions): PreparedFrame {
  const scene = sceneOf(frame, config);
  const { boxes, labels } = boxesInRange(scene, config);
  return {
    id: frame.id,
    voxels: prepareFrame(scene.points, config, { maxVoxels }),
    camera: image && cameraFrame({ image, calibration: frame.calibration, config: config.camera! }),
    boxes,
    labels,
    calibration: frame.calibration,
    imageSize: scene.imageSize,
  };
}

/** What the camera sees of a frame: points, and all objects of the configured classes. */
export interface Scene extends LabelledScan {
  /** [m] KITTI's level of each object */
  readonly difficulties: readonly Difficulty[];
  readonly imageSize: ImageSize;
}

export function sceneOf(frame: KittiFrame, { classes }: Pick<DetectorConfig, "classes">): Scene {
  const { calibration, imageSize = USUAL_IMAGE_SIZE, objects = [] } = frame;
  const names = classes.map(({ name }) => name);
  const known = objects.filter(({ type }) => names.includes(type));
  return {
    points: cropToCameraView(frame.points, calibration, imageSize),
    boxes: boxesFromObjects(known, calibration),
    labels: Int32Array.from(known, ({ type }) => names.indexOf(type)),
    difficulties: known.map(difficultyOf),
    imageSize,
  };
}

/** Objects, whatever their difficulty, whose centre lies in the point range, its bounds included. */
function boxesInRange({ boxes, labels }: Scene, { pointRange }: DetectorConfig): Pick<Scene, "boxes" | "labels"> {
  const [x0, y0, z0, x1, y1, z1] = pointRange;
  const rows = Array.from(labels.keys()).filter((row) => {
    const [x, y, z] = boxes.subarray(7 * row, 7 * row + 3);
    return x >= x0 && x <= x1 && y >= y0 && y <= y1 && z >= z0 && z <= z1;
  });
  return {
    boxes: Float64Array.from(rows.flatMap((row) => [...boxes.subarray(7 * row, 7 * row + 7)])),
    labels: Int32Array.from(rows, (row) => labels[row]),
  };
}
