import {
  collateInputs,
  openDataSource,
  readVisibleFrame,
  type TrainingBatch,
  type TrainingInput,
  trainingInput,
  type VisibleFrame,
} from "eloss/step";
import { type AnchorGrid, assignTargets, type DetectorConfig } from "second-detector";

/** Frames in memory, with the work between what was read and a step cut into its stages. */
export interface BatchStages {
  readonly ids: readonly string[];
  voxelize(): TrainingInput[];
  rulebooks(inputs: readonly TrainingInput[]): TrainingBatch["batch"];
  targets(inputs: readonly TrainingInput[], anchors: AnchorGrid): TrainingBatch["targets"];
}

/**
 * Reads frames of a data set, as `eloss train` without augmentation does.
 * @throws Error naming the frame and the file that is wrong
 */
export async function readFrames(root: string, ids: readonly string[], config: DetectorConfig): Promise<BatchStages> {
  const data = openDataSource(root);
  await data.require(ids);
  const frames: VisibleFrame[] = [];
  for (const id of ids) frames.push(await readVisibleFrame(data, id, config));
  return {
    ids,
    voxelize: () => frames.map((frame) => trainingInput(frame, config)),
    rulebooks: (inputs) => collateInputs(inputs, config),
    targets: (inputs, anchors) => inputs.map((input) => assignTargets(input, anchors, config)),
  };
}

/** All stages at once. */
export function makeBatch({ ids, voxelize, rulebooks, targets }: BatchStages, anchors: AnchorGrid): TrainingBatch {
  const inputs = voxelize();
  return { ids, batch: rulebooks(inputs), targets: targets(inputs, anchors) };
}
