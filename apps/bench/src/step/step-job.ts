import type { Recipe } from "eloss/step";
import type { LimitRates } from "../report.js";

/** What a process of its own measures: one recipe, with or without the loss. */
export interface StepJob {
  readonly recipe: Recipe;
  readonly entropyLoss: boolean;
  /** KITTI root and the frames of the batch */
  readonly data: string;
  readonly frames: readonly string[];
  readonly quick: boolean;
  /** take steps of bf16, too, in turn with those of float32 */
  readonly bf16: boolean;
  /** how long to go on with rounds, at most */
  readonly seconds: number;
  /** the most that the machine did earlier in this run, on as many threads */
  readonly rates: LimitRates;
}
