import { type KittiDataset, openDataset } from "kitti-io";
import { type Augmentation, augmentScan, type SampleDatabase } from "lidar-augment";
import { LRUCache } from "lru-cache";
import { type DetectorConfig, prepareFrame } from "second-detector";
import { randomStream } from "./random.js";
import { readSampleObjects } from "./sample-objects.js";
import type { BatchOrigin, TrainingSource } from "./training-batches.js";
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
      const { points, boxes, labels } = augmentScan(await scenes(id), chain, rng);
      return { voxels: prepareFrame(points, config, { maxVoxels: config.maxVoxels.train }), boxes, labels };
    },
  };
}

/** Reads scenes, keeping those used last. */
function keepScenes(dataset: KittiDataset, config: DetectorConfig): (id: string) => Promise<Scene> {
  const sizeCalculation = ({ points, boxes }: Scene) => points.byteLength + boxes.byteLength + 1;
  const kept = new LRUCache<string, Scene>({ maxSize: SCENE_MEMORY, sizeCalculation });
  return async (id) => {
    const held = kept.get(id);
    if (held !== undefined) return held;
    const scene = sceneOf(await dataset.readFrame(id), config);
    kept.set(id, scene);
    return scene;
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
