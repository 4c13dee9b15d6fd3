import { assignTargets, buildAnchors, collateFrames, type DetectorConfig } from "second-detector";
import { openFrames } from "./training-frames.js";
import type { TrainingBatch } from "./training-step.js";

/** Where batches come from. Plain data, so that it can be sent to another thread. */
export interface BatchOrigin {
  /** KITTI root */
  readonly data: string;
  readonly frames: readonly string[];
  readonly config: DetectorConfig;
}

/** Makes the batch of some frames: everything about it that needs no gradient. No array of it is used again. */
export type LoadBatch = (ids: readonly string[]) => Promise<TrainingBatch>;

/**
 * Reads, crops, voxelizes, builds rulebooks and assigns targets, in the thread that calls.
 * @throws Error naming the frame whose data are wrong, from the function returned
 */
export async function openBatches({ data, frames, config }: BatchOrigin): Promise<LoadBatch> {
  const source = await openFrames(data, frames, { config, training: true });
  const anchors = buildAnchors(config);
  const loadFrame = async (id: string) => {
    const frame = await source.load(id);
    return { voxels: frame.voxels, targets: assignTargets(frame, anchors, config) };
  };
  return async (ids) => {
    const loaded = await Promise.all(ids.map((id) => naming(`frame ${id}`, () => loadFrame(id))));
    const voxels = loaded.map((frame) => frame.voxels);
    const batch = await naming(`frames ${ids.join(", ")}`, async () => collateFrames(voxels, config));
    return { batch, targets: loaded.map(({ targets }) => targets) };
  };
}

async function naming<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Error(`${what}: ${(cause as Error).message}`, { cause });
  }
}
