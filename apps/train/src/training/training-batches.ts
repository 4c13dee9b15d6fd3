import { assignTargets, buildAnchors, type DetectorConfig } from "second-detector";
import { openAugmentedFrames } from "../frames/augmented-frames.js";
import { collateInputs } from "../frames/collate-inputs.js";
import { openFrames, type PreparedFrame } from "../frames/training-frames.js";
import type { TrainingBatch } from "./training-step.js";

/** Where batches come from. Plain data, so that it can be sent to another thread. */
export interface BatchOrigin {
  /** KITTI root */
  readonly data: string;
  readonly frames: readonly string[];
  readonly config: DetectorConfig;
  /** of the augmentation */
  readonly seed: number;
  /** folder of the objects to paste; needed where the configuration samples some */
  readonly prepared?: string | undefined;
}

/** Which frames, and in which pass over them: augmentation makes them new in each. */
export interface BatchRequest {
  readonly ids: readonly string[];
  readonly epoch: number;
}

/** Makes the batch of some frames: everything about it that needs no gradient. No array of it is used again. */
export type LoadBatch = (request: BatchRequest) => Promise<TrainingBatch>;

/** One frame at a time, ready to be joined into a batch. */
export interface TrainingSource {
  /** @throws Error naming the file that is wrong */
  load(id: string, epoch: number): Promise<Pick<PreparedFrame, "voxels" | "camera" | "boxes" | "labels">>;
}

/**
 * Reads, crops, augments, voxelizes, builds rulebooks and assigns targets, in the thread that calls.
 * @throws Error naming the frame whose data are wrong, from the function returned
 */
export async function openBatches(origin: BatchOrigin): Promise<LoadBatch> {
  const { data, frames, config } = origin;
  const source: TrainingSource = config.augmentation
    ? await openAugmentedFrames(origin)
    : await openFrames(data, frames, { config, training: true });
  const anchors = buildAnchors(config);
  const loadFrame = async (id: string, epoch: number) => {
    const frame = await source.load(id, epoch);
    return { input: frame, targets: assignTargets(frame, anchors, config) };
  };
  return async ({ ids, epoch }) => {
    const loaded = await Promise.all(ids.map((id) => naming(`frame ${id}`, () => loadFrame(id, epoch))));
    const inputs = loaded.map(({ input }) => input);
    const batch = await naming(`frames ${ids.join(", ")}`, async () => collateInputs(inputs, config));
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
