import * as tf from "@tensorflow/tfjs-core";
import { measureEntropies } from "entropy-loss";
import type { ResultTable } from "report-page";
import { disposeWeights, forwardDetector } from "second-detector";
import type { Recipe } from "../recipe/recipe-schema.js";
import { newTrainingState } from "../training/checkpoint.js";
import { lossOptions, measuredTaps, trainedTaps } from "../training/tap-loss.js";
import { openBatches } from "../training/training-batches.js";
import { type TrainingBatch, trainingStep } from "../training/training-step.js";

/** Steps of each kind, in turn. */
const ROUNDS = 30;

/** What latency is measured on. */
export interface LatencyJob {
  readonly recipes: readonly Recipe[];
  readonly data: string;
  /** the first of them make the batch */
  readonly frames: readonly string[];
  readonly onModel: (name: string) => void;
}

/** Times of single steps in turn with and without the loss, and of passes with and without reading the entropies. */
export async function latencyTable({ recipes, data, frames, onModel }: LatencyJob): Promise<ResultTable> {
  const rows: (string | number)[][] = [];
  for (const recipe of recipes) {
    const ids = frames.slice(0, recipe.training.batchSize);
    const load = await openBatches({ data, frames: ids, config: recipe.detector, seed: 0 });
    const batch = await load({ ids, epoch: 0 });
    const [without, measured, trained] = await stepTimes(recipe, batch);
    const [pass, read] = await passTimes(recipe, batch);
    rows.push([
      recipe.name,
      ids.length,
      ratio(measured, without),
      ratio(trained, without),
      ratio(read, pass),
      `${without.toFixed(0)} ms`,
      `${pass.toFixed(0)} ms`,
    ]);
    onModel(recipe.name);
  }
  return {
    title: "Cost in training and at inference",
    note:
      `Medians of ${ROUNDS} steps or passes of each kind, made in turn on one batch, over the time without entropies. Measured: the ` +
      "entropies are estimated but add no loss. Trained: with the loss and its gradient. Read: a pass in evaluation mode and the " +
      "entropies of all layers.",
    columns: ["model", "frames", "step, measured", "step, trained", "pass, read", "step without", "pass without"],
    rows,
  };
}

/** Median milliseconds of a step without, with measured and with trained entropies. */
async function stepTimes(recipe: Recipe, batch: TrainingBatch): Promise<number[]> {
  const kinds = [undefined, measuredTaps(recipe.entropyLoss), trainedTaps(recipe.entropyLoss)];
  const state = newTrainingState(recipe, 0);
  const times = await inTurn(
    kinds.map((tapLoss) => async () => {
      await trainingStep(state, batch, { recipe, totalSteps: 10 * ROUNDS, tapLoss });
    }),
  );
  state.optimizer.dispose();
  disposeWeights(state.weights);
  return times;
}

/** Median milliseconds of a pass in evaluation mode without and with the entropies of its layers. */
async function passTimes(recipe: Recipe, { batch }: TrainingBatch): Promise<number[]> {
  const state = newTrainingState(recipe, 0);
  const pass = (read: boolean) => async () => {
    const result = forwardDetector(state.weights, batch, { config: recipe.detector });
    if (read) measureEntropies(result.taps, lossOptions(recipe.entropyLoss));
    await result.head.cls.data();
    tf.dispose(result);
  };
  const times = await inTurn([pass(false), pass(true)]);
  state.optimizer.dispose();
  disposeWeights(state.weights);
  return times;
}

/** Median of each kind of work; the first round, which warms up, does not count. */
async function inTurn(works: readonly (() => Promise<void>)[]): Promise<number[]> {
  const times = works.map(() => [] as number[]);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, work] of works.entries()) {
      const started = performance.now();
      await work();
      if (round > 0) times[i].push(performance.now() - started);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]);
}

function ratio(time: number, base: number): string {
  return (time / base).toFixed(2);
}
