import { cutObjects, type SampleDatabase, type SampleObject } from "lidar-augment";
import type { DetectorConfig } from "second-detector";
import type { Scene } from "./training-frames.js";

/** Whose objects are pasted. */
export interface SampleSource {
  readonly frames: readonly string[];
  readonly config: DetectorConfig;
  readonly load: (id: string) => Promise<Scene>;
}

/**
 * Objects of the training frames that may be pasted into others: of the classes that the configuration samples, with enough
 * points, and of one of KITTI's difficulties (what is harder than hard is hardly to be seen). In order of frame and object.
 */
export async function readSampleObjects({ frames, config, load }: SampleSource): Promise<SampleDatabase> {
  const database = new Map<number, SampleObject[]>();
  const fewest = new Map<number, number>();
  for (const { class: name, minPoints } of config.augmentation?.sampling ?? []) {
    const label = config.classes.findIndex((each) => each.name === name);
    fewest.set(label, minPoints);
    database.set(label, []);
  }
  if (fewest.size === 0) return database;
  for (const id of frames) {
    const scene = await load(id);
    cutObjects(scene).forEach((object, row) => {
      const enough = object.points.length / 4 >= (fewest.get(object.label) ?? Number.POSITIVE_INFINITY);
      if (enough && scene.difficulties[row] !== "none") database.get(object.label)!.push(object);
    });
  }
  return database;
}
