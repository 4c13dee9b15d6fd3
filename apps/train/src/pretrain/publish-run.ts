import type { DetectorConfig } from "second-detector";
import { asStored, encodePretrained, type ModelCard } from "second-weights";
import type { DataSource } from "../frames/data-source.js";
import { evaluateFrames, openEvaluationFrames } from "../inference/evaluate-frames.js";
import { moderateAverages } from "../inference/moderate-averages.js";
import { makeDetector } from "../inference/open-detector.js";
import { readRecipe } from "../recipe/open-recipe.js";
import type { RunFolder } from "../runs/run-folder.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { startProgress } from "../system/progress.js";
import type { StopWish } from "../system/stop-signal.js";
import { readCheckpointModel } from "../training/checkpoint.js";
import { modelCard, type Pretraining } from "./model-card.js";
import { WHOLE } from "./pretraining-recipe.js";
import { usualEntropies } from "./usual-entropies.js";

/** A file of trained weights and what its card says. */
export interface PublishedRun {
  readonly file: string;
  readonly card: ModelCard;
}

/**
 * Writes the detector of a finished run as one file, to be used on the whole range of its view, whatever part of it was trained on. What
 * the file says of itself was measured there, with its own rounded weights, on the validation frames: its layers are
 * convolutions, but among what they are given are coordinates, and far objects have fewer points.
 * @returns undefined if it was asked to stop before it wrote anything
 */
export async function publishRun(
  { run, file, stop }: { readonly run: RunFolder; readonly file: string; readonly stop: StopWish },
  pretraining: Pretraining,
  { data, frames }: { readonly data: DataSource; readonly frames: readonly string[] },
): Promise<PublishedRun | undefined> {
  const { detector: trained } = readRecipe(run.config);
  const { model, step } = readCheckpointModel(run.checkpoint);
  const weights = asStored(model);
  const progress = startProgress("measure", 2 * frames.length);
  const onFrame = (id: string) => progress.advance(id);
  try {
    const usual = await usualEntropies({ weights, config: trained }, { data, frames, onFrame, stop });
    if (usual === undefined) return undefined;
    const config: DetectorConfig = {
      ...trained,
      pointRange: WHOLE[pretraining.view].pointRange,
      maxVoxels: { train: trained.maxVoxels.train, test: WHOLE[pretraining.view].voxels },
    };
    const detector = makeDetector(weights, config);
    const labelled = await openEvaluationFrames(data, frames, config);
    const evaluated = await evaluateFrames(detector, labelled, { onFrame, stop }).finally(() =>
      detector.network.dispose(),
    );
    if (evaluated === undefined) return undefined;
    const card = modelCard(pretraining, step, moderateAverages(evaluated));
    writeFileAtomic(file, encodePretrained({ config, weights, card, usual }));
    return { file, card };
  } finally {
    progress.stop();
  }
}
