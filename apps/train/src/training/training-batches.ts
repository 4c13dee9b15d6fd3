import type { Augmentation, SampleDatabase } from "lidar-augment";
import { assignTargets, buildAnchors, type DetectorConfig } from "second-detector";
import type { DataReading } from "../frames/data-reading.js";
import type { DataSource } from "../frames/data-source.js";
import { keepRecent } from "../frames/keep-recent.js";
import { augmentedInput, collateInputs, type TrainingInput, trainingInput } from "../frames/network-input.js";
import { openDataSource } from "../frames/open-data-source.js";
import { readVisibleFrame } from "../frames/visible-frame.js";
import type { AugmentationConfig } from "../recipe/recipe-schema.js";
import { randomStream } from "../system/random.js";
import { readSampleObjects } from "./sample-objects.js";
import type { TrainingBatch } from "./training-step.js";

/** Where batches come from. Plain data, so that it can be sent to another thread. */
export interface BatchOrigin {
  /** where the frames are, and how to read them, as `openDataSource` takes it */
  readonly data: string;
  readonly reading?: DataReading | undefined;
  readonly frames: readonly string[];
  readonly config: DetectorConfig;
  /** how scans are changed anew in every epoch; left out: not at all */
  readonly augmentation?: AugmentationConfig | undefined;
  /** of the augmentation */
  readonly seed: number;
  /** folder of the objects to paste; needed where the augmentation samples some */
  readonly indexFolder?: string | undefined;
}

/** Which frames, and in which pass over them: augmentation makes them new in each, also where an epoch repeats them. */
export interface BatchRequest {
  readonly ids: readonly string[];
  readonly epoch: number;
}

/** Makes the batch of some frames: everything about it that needs no gradient. No array of it is used again. */
export type LoadBatch = (request: BatchRequest) => Promise<TrainingBatch>;

/**
 * Reads, crops, augments, voxelizes, builds rulebooks and assigns targets, in the thread that calls.
 * @param data the frames of the origin
 * @throws Error if there are no such frames; naming the frame whose data are wrong, from the function returned
 */
export async function openBatches(
  origin: BatchOrigin,
  data: DataSource = openDataSource(origin.data, { reading: origin.reading }),
): Promise<LoadBatch> {
  const { config, augmentation } = origin;
  await data.require(origin.frames);
  const loadInput = augmentation ? changedInputs(origin, augmentation, data) : plainInputs(origin, data);
  const anchors = buildAnchors(config);
  const loadFrame = async (id: string, epoch: number) => {
    const input = await loadInput(id, epoch);
    return { input, targets: assignTargets(input, anchors, config) };
  };
  return async ({ ids, epoch }) => {
    const loaded = await Promise.all(ids.map((id) => naming(`frame ${id}`, () => loadFrame(id, epoch))));
    const inputs = loaded.map(({ input }) => input);
    const batch = await naming(`frames ${ids.join(", ")}`, async () => collateInputs(inputs, config));
    return { ids, batch, targets: loaded.map(({ targets }) => targets) };
  };
}

/** What one frame is in one epoch. */
type LoadInput = (id: string, epoch: number) => Promise<TrainingInput>;

/** Frames as they are, the same in every epoch: their inputs are kept. */
function plainInputs({ config }: BatchOrigin, data: DataSource): LoadInput {
  return keepRecent(async (id) => trainingInput(await readVisibleFrame(data, id, config), config));
}

/**
 * Frames that are changed anew in every epoch, as `augmentation` says: what was read is kept. What a frame
 * becomes depends on seed, epoch and frame alone: not on the order in which frames are asked for, nor on who asks.
 */
function changedInputs(
  { frames, config, seed, indexFolder }: BatchOrigin,
  augmentation: AugmentationConfig,
  data: DataSource,
): LoadInput {
  const { sampling = [] } = augmentation;
  const read = keepRecent((id) => readVisibleFrame(data, id, config));
  const objects = indexFolder === undefined ? new Map() : readSampleObjects({ indexFolder, frames, config, sampling });
  const chain = augmentationOf(augmentation, config, objects);
  return async (id, epoch) =>
    augmentedInput(await read(id), config, {
      chain,
      rng: randomStream(seed, `augmentation of frame ${id} in epoch ${epoch}`),
      imageRng: randomStream(seed, `image of frame ${id} in epoch ${epoch}`),
    });
}

function augmentationOf(
  { sampling = [], objectScaling, objectNoise, scene, returns }: AugmentationConfig,
  { classes, pointRange }: DetectorConfig,
  database: SampleDatabase,
): Augmentation {
  const labelOf = (name: string) => classes.findIndex((each) => each.name === name);
  const counts = new Map(sampling.map(({ class: name, count }) => [labelOf(name), count]));
  return {
    ...(counts.size > 0 && { sampling: { database, counts } }),
    ...(objectScaling && { objectScaling: { scaling: objectScaling } }),
    ...(objectNoise && { objectNoise }),
    ...(scene && { global: scene }),
    ...(returns && { returns }),
    range: pointRange,
  };
}

async function naming<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Error(`${what}: ${(cause as Error).message}`, { cause });
  }
}
