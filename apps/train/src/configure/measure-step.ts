import { disposeWeights } from "second-detector";
import type { Recipe } from "../recipe/recipe-schema.js";
import { randomStream } from "../system/random.js";
import { newTrainingState } from "../training/checkpoint.js";
import { measuredTaps } from "../training/tap-loss.js";
import { openBatches } from "../training/training-batches.js";
import { trainingStep } from "../training/training-step.js";

/** What training steps cost here. */
export interface StepCost {
  /** of a step, its batch being there */
  readonly seconds: number;
  /** most memory that the process has had, in bytes */
  readonly residentBytes: number;
  /** steps that were measured, after one that was not */
  readonly steps: number;
}

const STEPS = 3;
/** Seconds after which fewer steps will do. */
const LONG = 15;

/**
 * Trains a few steps, of which nothing is kept, on the backend that is chosen.
 * @param ids frames to take; as many as a step has, or fewer
 */
export async function measureStep(recipe: Recipe, data: string, ids: readonly string[]): Promise<StepCost> {
  const { detector: config, data: reading, training, augmentation } = recipe;
  const { sampling: _, ...changes } = augmentation ?? {}; // its objects are cut out when the data are prepared
  const frames = ids.slice(0, training.batchSize);
  const load = await openBatches({ data, reading, frames, config, augmentation: augmentation && changes, seed: 0 });
  const state = newTrainingState(recipe, 0);
  const options = { recipe, totalSteps: 1000, tapLoss: measuredTaps(recipe.entropyLoss) };
  const seconds: number[] = [];
  const begun = performance.now();
  try {
    while (seconds.length <= STEPS && (seconds.length < 2 || performance.now() - begun < 1000 * LONG)) {
      const batch = await load({ ids: frames, epoch: seconds.length });
      const started = performance.now();
      await trainingStep(state, batch, { ...options, rng: randomStream(0, `dropout of step ${state.step}`) });
      seconds.push((performance.now() - started) / 1000);
    }
  } finally {
    disposeWeights(state.weights);
    state.optimizer.dispose();
  }
  const measured = seconds.slice(1);
  const mean = measured.reduce((sum, each) => sum + each, 0) / measured.length;
  return { seconds: mean, residentBytes: 1024 * process.resourceUsage().maxRSS, steps: measured.length };
}
