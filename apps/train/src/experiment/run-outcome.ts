import type { RunState } from "./planned-run.js";

/** The averages that experiments look at: 3D and bird's-eye view, moderate, R40, percent, at the official overlaps. */
export const METRICS = ["Car 3D", "Pedestrian 3D", "Cyclist 3D", "Car BEV", "Car 3D loose"] as const;
export type Metric = (typeof METRICS)[number];

/** What a run has come to. */
export interface RunOutcome {
  readonly arm: string;
  readonly seed: number;
  readonly state: RunState;
  /** after each evaluated epoch, first to last; 0 for a class of which nothing was found */
  readonly epochs: readonly { readonly epoch: number; readonly ap: Readonly<Record<Metric, number>> }[];
  /** of the weights' running average after the last epoch, if the run keeps one and is finished */
  readonly average?: Readonly<Record<Metric, number>> | undefined;
  /** of the last epoch; undefined before the first step */
  readonly end: EndOfTraining | undefined;
}

/** Means over the steps of a run's last epoch. */
export interface EndOfTraining {
  /** variance of the changes of entropy, summed over blocks */
  readonly l1: number;
  /** mean of max(0, ΔH) over all changes: how much entropy still grows */
  readonly growth: number;
  /** what the Entropy Loss is of the total loss, 0..1 */
  readonly share: number;
  /** detection loss */
  readonly detection: number;
  /** median seconds of a step of the whole run */
  readonly stepSeconds: number;
}
