import type { Panes } from "kitti-sim";
import type { ModelCard } from "second-weights";
import type { ModerateAverages } from "../inference/moderate-averages.js";
import type { PretrainedView } from "./pretraining-recipe.js";

/** What one command trained, and on what. */
export interface Pretraining {
  readonly recipe: string;
  readonly view: PretrainedView;
  /** weights that it began with, as they were asked for; random ones where there is none */
  readonly initWeights?: string | undefined;
  readonly panes: Panes;
  readonly slope?: number | undefined;
  /** frames to learn from and frames to evaluate on */
  readonly train: number;
  readonly val: number;
  readonly epochs: number;
  readonly seed: number;
  readonly entropyLoss: boolean;
}

/** The card of a detector that was trained on simulated streets. */
export function modelCard(
  { recipe, view, initWeights, panes, slope, train, val, epochs, seed, entropyLoss }: Pretraining,
  steps: number,
  averages: ModerateAverages,
): ModelCard {
  const full = view === "full";
  const round = full ? " --labels full --beams 32,64" : "";
  const tinted = panes === "tinted" ? " --panes tinted" : "";
  const streets = `simulated streets of kitti-sim, --train ${train} --val ${val} --seed ${seed}${round}${tinted}`;
  const begin = initWeights === undefined ? "" : `--init-weights ${initWeights} `;
  const inclined = slope === undefined ? "" : ` --slope ${slope}`;
  const flags =
    `${full ? "--view full " : ""}${begin}--train ${train} --val ${val} --epochs ${epochs} --seed ${seed}` +
    `${tinted}${inclined}${entropyLoss ? " --entropy-loss" : ""}`;
  return {
    description: `${recipe}${full ? ", all round" : ""}, trained on simulated streets alone: it has never seen a real scan`,
    license: "Apache-2.0",
    command: `eloss pretrain --config ${recipe} ${flags}`,
    training: { data: `the training part of ${streets}`, frames: train, epochs, steps, seed, entropyLoss },
    validation: { data: `the validation part of ${streets}`, frames: val, averages },
  };
}
