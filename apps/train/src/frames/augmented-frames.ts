import { type Calibration, type KittiDataset, openDataset } from "kitti-io";
import { type Augmentation, augmentScan, type SampleDatabase } from "lidar-augment";
import { LRUCache } from "lru-cache";
import { type DetectorConfig, prepareFrame, type RgbImage } from "second-detector";
import { randomStream } from "../system/random.js";
import { readSampleObjects } from "../training/sample-objects.js";
import type { BatchOrigin, TrainingSource } from "../training/training-batches.js";
import { cameraFrame, drawImageBounds, readCameraImage } from "./camera-frame.js";
import { type Scene, sceneOf } from "./training-frames.js";

/** Memory for scenes as they were read, in bytes: some 800 KITTI frames. */
const SCENE_MEMORY = 256 * 2 ** 20;

/**
 * Frames that are changed anew in every epoch, as the configuration's `augmentation` says. What a frame becomes depends on
 * seed, epoch and frame alone: not on the order in which frames are asked for, nor on who asks.
 */
export async function openAugmentedFrames(origin: BatchOrigin): Promise<TrainingSource> {
  const { data, frames, config, seed, prepared } = origin;
  const scenes = keepScenes(await openDataset(data, { frames: [...frames] }), config);
  const chain = chainOf(config, prepared === undefined ? new Map() : readSampleObjects({ prepared, frames, config }));
  return {
    async load(id, epoch) {
      const rng = randomStream(seed, `augmentation of frame ${id} in epoch ${epoch}`);
      const { scene, image, calibration } = await scenes(id);
      const { points, boxes, labels, transform } = augmentScan(scene, chain, rng);
      const voxels = prepareFrame(points, config, { maxVoxels: config.maxVoxels.train });
      if (image === undefined) return { voxels, boxes, labels };
      const camera = config.camera!;
      const size = drawImageBounds(camera, randomStream(seed, `image of frame ${id} in epoch ${epoch}`));
      const seen = cameraFrame({ image, calibration, config: camera, size, transform });
      return { voxels, camera: seen, boxes, labels };
    },
  };
}

interface ReadScene {
  readonly scene: Scene;
  readonly calibration: Calibration;
  /** decoded, for a configuration that has a camera */
  readonly image: RgbImage | undefined;
}

/** Reads scenes, keeping those used last. */
function keepScenes(dataset: KittiDataset, config: DetectorConfig): (id: string) => Promise<ReadScene> {
  const sizeCalculation = ({ scene: { points, boxes }, image }: ReadScene) =>
    points.byteLength + boxes.byteLength + (image?.data.byteLength ?? 0) + 1;
  const kept = new LRUCache<string, ReadScene>({ maxSize: SCENE_MEMORY, sizeCalculation });
  return async (id) => {
    const held = kept.get(id);
    if (held !== undefined) return held;
    const image = await readCameraImage(dataset.files(id), config);
    const frame = await dataset.readFrame(id);
    const read = { scene: sceneOf(frame, config), calibration: frame.calibration, image };
    kept.set(id, read);
    return read;
  };
}

function chainOf({ classes, pointRange, augmentation = {} }: DetectorConfig, database: SampleDatabase): Augmentation {
  const { sampling = [], objectNoise, scene } = augmentation;
  const labelOf = (name: string) => classes.findIndex((each) => each.name === name);
  const counts = new Map(sampling.map(({ class: name, count }) => [labelOf(name), count]));
  return {
    ...(counts.size > 0 && { sampling: { database, counts } }),
    ...(objectNoise && { objectNoise }),
    ...(scene && { global: scene }),
    range: pointRange,
  };
}
