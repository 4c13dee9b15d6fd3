import type { AugmentationConfig, Recipe, TrainingConfig } from "../recipe/recipe-schema.js";
import { type ClassGroup, FEW_POINTS } from "./choose-classes.js";

/** How long a detector learns, and from how many changes of its frames. */
export interface TrainingChoice {
  readonly training: TrainingConfig;
  readonly augmentation: AugmentationConfig | undefined;
  readonly steps: number;
  /** why so many steps, and why these changes */
  readonly why: { readonly steps: string; readonly augmentation: string };
}

/** What the choice depends on. */
interface TrainingOccasion {
  readonly base: Recipe;
  readonly frames: number;
  readonly groups: readonly ClassGroup[];
  /** objects stand on all sides of the scanner */
  readonly allRound: boolean;
}

/** Fewer frames can only be learnt by heart: they show whether data, anchors and range are right. */
const FEW_FRAMES = 20;
/** Passes over few frames, each of which repeats them. */
const EPOCHS_OF_FEW = 40;
/** Optimiser steps that learn few frames by heart, where they are always the same. */
const STEPS_OF_FEW = 240;
/** Optimiser steps that a first training on more frames should have. */
const STEPS = 600;
/** A training as long as this can learn objects in all directions. */
const STEPS_OF_TURNS = 2000;

/** Epochs, repetitions and augmentation by the number of frames. */
export function chooseTraining({ base, frames, groups, allRound }: TrainingOccasion): TrainingChoice {
  const passSteps = Math.ceil(frames / base.training.batchSize);
  if (frames < FEW_FRAMES) {
    const repeats = Math.ceil(STEPS_OF_FEW / (EPOCHS_OF_FEW * passSteps));
    return {
      training: { ...base.training, epochs: EPOCHS_OF_FEW, ...(repeats > 1 && { repeats }) },
      augmentation: undefined,
      steps: EPOCHS_OF_FEW * repeats * passSteps,
      why: {
        steps: `${STEPS_OF_FEW} steps or more learn so few frames by heart`,
        augmentation: `fewer than ${FEW_FRAMES} frames show whether all fits, and are learnt by heart far sooner unchanged`,
      },
    };
  }
  const epochs = Math.max(base.training.epochs, Math.ceil(STEPS / passSteps));
  const steps = epochs * passSteps;
  const turns = allRound && steps >= STEPS_OF_TURNS;
  const { scene, ...others } = base.augmentation ?? {};
  const sampling = groups.map(({ name, seen }) => ({
    class: name,
    count: Math.ceil(seen.length / frames) + 3,
    minPoints: FEW_POINTS,
  }));
  return {
    training: { ...base.training, epochs },
    augmentation: base.augmentation && {
      ...others,
      sampling,
      ...(scene && { scene: turns ? { ...scene, rotation: Math.PI } : scene }),
    },
    steps,
    why: {
      steps: epochs > base.training.epochs ? `${STEPS} steps or more` : `of ${base.name}`,
      augmentation: turns
        ? "objects stand all round, and there are steps enough to learn them in all directions"
        : `of ${base.name}${allRound ? `; full turns from ${STEPS_OF_TURNS} steps on` : ""}`,
    },
  };
}
