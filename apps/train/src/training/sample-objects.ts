import type { SampleDatabase, SampleObject } from "lidar-augment";
import type { DetectorConfig } from "second-detector";
import { indexPath } from "../prepare/index-file.js";
import { readIndexedObjects } from "../prepare/index-folder.js";
import type { AugmentationConfig } from "../recipe/recipe-schema.js";

/** Whose objects may be pasted. */
export interface SampleSource {
  readonly indexFolder: string;
  readonly frames: readonly string[];
  readonly config: Pick<DetectorConfig, "classes">;
  readonly sampling: NonNullable<AugmentationConfig["sampling"]>;
}

/**
 * Objects of the training frames that may be pasted into others: of the classes that are sampled, with enough
 * points, and of one of KITTI's difficulties (what is harder than hard is hardly to be seen). In order of frame and object.
 * @throws Error if there is no database, or not the one that belongs to the index
 */
export function readSampleObjects({ indexFolder, frames, config, sampling }: SampleSource): SampleDatabase {
  const database = new Map<number, SampleObject[]>();
  const wantedOf = new Map<string, { label: number; minPoints: number }>();
  for (const { class: name, minPoints } of sampling) {
    const label = config.classes.findIndex((each) => each.name === name);
    wantedOf.set(name.toLowerCase(), { label, minPoints });
    database.set(label, []);
  }
  if (wantedOf.size === 0) return database;
  const found = readIndexedObjects(indexFolder);
  if (found === undefined)
    throw new Error(`${indexPath(indexFolder)}: expected an index; run \`eloss prepare\` on the data`);
  const order = new Map(frames.map((id, i) => [id, i]));
  const rows = found.rows.filter(({ id }) => order.has(id));
  rows.sort((a, b) => order.get(a.id)! - order.get(b.id)!); // stable: objects of a frame stay in their order
  for (const { className, difficulty, points, box } of rows) {
    const wanted = wantedOf.get(className.toLowerCase());
    if (wanted === undefined || difficulty === "none" || points.length / 4 < wanted.minPoints) continue;
    database.get(wanted.label)!.push({ points, box, label: wanted.label });
  }
  return database;
}
